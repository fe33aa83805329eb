import { diagnoseSlack } from '#adapters/slack/doctor'
import { diagnoseTeams } from '#adapters/teams/doctor'
import { type Finding, failed, notChecked, ok } from '#core/doctor/finding'
import type { Role } from '#src/app/infrastructure'
import { createLogger } from '#src/app/logger'
import { knownNames, toImageSettings } from '#src/app/policy-file'
import { type Config, loadConfig, remarkText } from '#src/config/load'
import { diagnoseRedis } from '#src/redis/doctor'
import { diagnoseImage } from '#src/registry/doctor'
import { diagnoseAddress } from './addresses.ts'
import { diagnoseClock } from './clocks.ts'
import { type ClusterAccess, diagnoseConfiguredCluster, diagnosePlatforms } from './clusters.ts'
import { diagnoseEntra } from './entra.ts'
import { diagnoseOutgoing } from './outgoing.ts'
import { diagnosePause } from './pause.ts'
import { diagnosePull } from './pull.ts'
import { diagnoseSecrets } from './secrets.ts'

export type DoctorOptions = ClusterAccess & {
  file: string
  /** Node on which a debug pod is started, to see that it can pull the image. */
  pull?: string
}

/** Checks every prerequisite that `retina.yaml` has, side by side. Never rejects for what it finds. */
export async function diagnose({ file, pull, ...access }: DoctorOptions): Promise<readonly Finding[]> {
  const loaded = loadConfig(file, process.env, knownNames())
  if ('mistakes' in loaded) {
    const lines = loaded.mistakes.map((each) => remarkText(file, each)).join('; ')
    const mend = `correct it; npx retina-chatops config check ${file} names line and column`
    return [
      failed('configuration', lines, mend),
      notChecked('everything else', 'it needs a valid file', 'run doctor again'),
    ]
  }
  const { config, warnings } = loaded
  const remarks = warnings.length === 0 ? '' : `, with ${warnings.length} warnings (config check ${file})`
  const { finding: outgoing, restore } = await diagnoseOutgoing(config)
  const [infrastructure, chats, addresses] = await Promise.all([
    diagnoseInfrastructure(config, access, pull),
    diagnoseChats(config, access.role),
    diagnoseAddresses(config),
  ]).finally(restore)
  const configuration = ok('configuration', `${file} is valid${remarks}`)
  return [
    configuration,
    ...diagnoseSecrets(config, access.role),
    ...outgoing,
    ...infrastructure,
    ...chats,
    ...addresses,
  ]
}

async function diagnoseInfrastructure(
  config: Config,
  access: ClusterAccess,
  pull: string | undefined,
): Promise<Finding[]> {
  const [redis, image, ...clusters] = await Promise.all([
    diagnoseRedis(config.redis.url, config.secrets.sealKeys),
    diagnoseImage(toImageSettings(config)),
    ...config.clusters.map((each) => diagnoseConfiguredCluster(config, each, access)),
  ])
  const perCluster = config.clusters.flatMap(({ name }, at) => {
    const { findings = [], time, nodes } = clusters[at] ?? {}
    const clock = time === undefined ? [] : [diagnoseClock(`cluster ${name}`, time)]
    const { platforms } = image
    const fits = nodes === undefined || platforms === undefined ? [] : [diagnosePlatforms(name, nodes, platforms)]
    return [...findings, ...fits, ...clock]
  })
  const redisClock = redis.time === undefined ? [] : [diagnoseClock('Redis', redis.time)]
  const pause = diagnosePause(config.paused, redis.pause)
  const pulled = pull === undefined ? [] : [await diagnosePull(config, pull)]
  return [...redis.findings, ...redisClock, pause, ...image.findings, ...pulled, ...perCluster]
}

async function diagnoseChats({ slack, teams, directory: { entra }, secrets }: Config, role: Role): Promise<Finding[]> {
  const log = createLogger('error')
  const { slackBotToken: botToken, slackAppToken: appToken, teamsAppSecret, entraClientSecret } = secrets
  const [ofSlack, ofEntra, ofTeams] = await Promise.all([
    slack === undefined
      ? []
      : diagnoseSlack({ mode: modeFor(role, slack.mode), apiUrl: slack.apiUrl, botToken, appToken, log }),
    entra === undefined || entraClientSecret === undefined ? [] : diagnoseEntra(entra, entraClientSecret),
    teams === undefined || teamsAppSecret === undefined
      ? []
      : [await diagnoseTeams({ ...teams, secret: teamsAppSecret })],
  ])
  return [...ofSlack, ...ofEntra, ...ofTeams]
}

/** Returns how a role uses Slack: workers only post, and open no connection of Socket Mode. */
function modeFor(role: Role, mode: 'http' | 'socket'): 'http' | 'socket' {
  return role === 'worker' ? 'http' : mode
}

function diagnoseAddresses({ pages, confirm }: Config): Promise<Finding[]> {
  return Promise.all([
    ...(pages === undefined ? [] : [diagnoseAddress('pages.url', pages.url, false)]),
    ...(confirm === undefined ? [] : [diagnoseAddress('confirm.url', confirm.url, true)]),
  ])
}
