import { type Finding, failed, notChecked, ok } from '#core/doctor/finding'
import { diagnoseChats } from '#src/app/chat-adapters'
import type { Role } from '#src/app/infrastructure'
import { createLogger } from '#src/app/logger'
import { loadPlaybooks } from '#src/app/playbooks'
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
import { diagnoseWebSocket } from './web-socket.ts'

export type DoctorOptions = ClusterAccess & {
  file: string
  /** Node on which a debug pod is started, to see that it can pull the image. */
  pull?: string
}

const checkCommand = (file: string) => `npx retina-chatops config check ${file} names line and column`

/** Checks every prerequisite that `retina.yaml` has, side by side. Never rejects for what it finds. */
export async function diagnose({ file, pull, ...access }: DoctorOptions): Promise<readonly Finding[]> {
  const loaded = loadConfig(file, process.env, knownNames())
  if ('mistakes' in loaded) {
    const lines = loaded.mistakes.map((each) => remarkText(file, each)).join('; ')
    const mend = `correct it; ${checkCommand(file)}`
    return [
      failed('configuration', lines, mend),
      notChecked('everything else', 'it needs a valid file', 'run doctor again'),
    ]
  }
  const { config, warnings } = loaded
  const playbooks = loadPlaybooks(file, config)
  const remarks = warnings.length === 0 ? '' : `, with ${warnings.length} warnings (config check ${file})`
  const { finding: outgoing, restore } = await diagnoseOutgoing(config)
  const [infrastructure, chats, directory, addresses] = await Promise.all([
    diagnoseInfrastructure(config, access, pull),
    diagnoseChats(config, access.role, createLogger('error')),
    diagnoseDirectory(config),
    diagnoseAddresses(config, access.role),
  ]).finally(restore)
  const configuration =
    'playbooks' in playbooks
      ? ok('configuration', `${file} is valid${remarks}`)
      : failed('configuration', playbooks.mistakes.join('; '), `correct the playbook; ${checkCommand(file)}`)
  return [
    configuration,
    ...diagnoseSecrets(config, access.role),
    ...outgoing,
    ...infrastructure,
    ...chats,
    ...directory,
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

async function diagnoseDirectory({ directory: { entra }, secrets: { entraClientSecret } }: Config): Promise<Finding[]> {
  return entra === undefined || entraClientSecret === undefined ? [] : diagnoseEntra(entra, entraClientSecret)
}

function diagnoseAddresses({ pages, confirm, terminal }: Config, role: Role): Promise<Finding[]> {
  const mend = 'terminal: { url: https://… }, the address whose path /t/ leads to the terminals'
  const noTerminal = failed('address terminal.url', 'retina.yaml has none: this role would serve nothing', mend)
  return Promise.all([
    ...(terminal === undefined
      ? role === 'terminal'
        ? [noTerminal]
        : []
      : [
          diagnoseAddress('terminal.url', new URL('/t/', terminal.url).href, 'terminals'),
          diagnoseWebSocket(terminal.url),
        ]),
    ...(pages === undefined ? [] : [diagnoseAddress('pages.url', pages.url)]),
    ...(confirm === undefined ? [] : [diagnoseAddress('confirm.url', confirm.url)]),
  ])
}
