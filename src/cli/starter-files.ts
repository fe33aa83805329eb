import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseDocument, stringify } from 'yaml'
import { imageName } from '#core/request/image'
import { defined } from '#core/util/defined'
import { admissionFile } from '#src/app/admission-file'
import { knownNames } from '#src/app/policy-file'
import { UserError } from '#src/app/user-error'
import { version } from '#src/app/version'
import { configJsonSchema, policyTestsJsonSchema } from '#src/config/json-schema'
import { parseConfig, remarkText } from '#src/config/load'
import { defaultAccounts } from './admission-policy.ts'
import type { StarterAnswers } from './starter-answers.ts'

const deploy = join(import.meta.dirname, '../../deploy')

/** Reads a file of `deploy`. Throws `UserError` where the program is installed without that folder, as in its image. */
function readDeploy(path: string): string {
  const file = join(deploy, path)
  if (!existsSync(file))
    throw new UserError('cannot-write', `\`init\` needs ${file}: run it in a checkout of the repository.`)
  return readFileSync(file, 'utf8')
}

/** Text of a list on one line; JSON is YAML, and quotes what a person typed. */
const list = (values: readonly string[]) => `[${values.map((each) => JSON.stringify(each)).join(', ')}]`

/**
 * Returns the files that `init` writes, by name. Throws `UserError` where the answers make no valid `retina.yaml`.
 */
export function starterFiles(answers: StarterAnswers): ReadonlyMap<string, string> {
  const config = configText(answers)
  const loaded = parseConfig(config, {}, knownNames())
  if ('mistakes' in loaded) {
    const lines = loaded.mistakes.map((each) => remarkText('retina.yaml', each))
    throw new UserError('bad-usage', `These answers make no valid retina.yaml:\n${lines.join('\n')}`)
  }
  const toYaml = (object: object) => stringify(object, { lineWidth: 0 })
  const policy = admissionFile(loaded.config, { accounts: defaultAccounts, impersonate: true }, toYaml, config)
  const { slack, teams } = answers
  return new Map([
    ['retina.yaml', config],
    ['policy-tests.yaml', testsText(answers)],
    ['values.yaml', valuesText(answers)],
    ['admission-policy.yaml', policy],
    ...(slack === undefined ? [] : [['slack-manifest.yaml', slackManifest(slack, answers.url)] as const]),
    ...(teams === undefined ? [] : [['teams-manifest.json', teamsManifest(teams.appId, answers.url)] as const]),
    ['retina.schema.json', `${JSON.stringify(configJsonSchema(), null, 2)}\n`],
    ['policy-tests.schema.json', `${JSON.stringify(policyTestsJsonSchema(), null, 2)}\n`],
  ])
}

function configText(answers: StarterAnswers): string {
  const { clusters, url, slack, teams, leads, operators } = answers
  const { repo, tag = 'latest', digest } = imageName(answers.shellImage)
  const image = [`repo: ${JSON.stringify(repo)}`, `version: ${JSON.stringify(tag)}`]
  if (digest !== undefined) image.push(`digest: ${JSON.stringify(digest)}`)
  const everywhere = '[{ cluster: "*", nodes: "*" }, { cluster: "*", namespaces: "*" }]'
  const sets = {
    operators: 'probe, netfilter, triage, plain-shell',
    leads: 'probe, netfilter, host-read, triage, host-write, plain-shell, net-shell, host-shell',
  }
  return [
    '# yaml-language-server: $schema=retina.schema.json',
    '# Made by `retina-chatops init`. Check it: npx retina-chatops config check retina.yaml; every key: deploy/retina.example.yaml.',
    'clusters:',
    ...clusters.map(clusterLine),
    'shell:',
    `  image: { ${image.join(', ')} }`,
    ...(slack === undefined ? [] : [`slack: { mode: ${slack} } # its tokens come from the environment`]),
    ...(teams === undefined ? [] : teamsLines(teams)),
    ...(url === undefined
      ? []
      : [`pages: { url: ${JSON.stringify(url.origin)} }`, `terminal: { url: ${JSON.stringify(url.origin)} }`, '']),
    '# Who is in which group: e-mail addresses, or groups of a chat such as "slack:usergroup/S0LEADS".',
    'groups:',
    `  leads: ${list(leads)} # approve; nobody approves their own request, so name two or more`,
    `  operators: ${list(operators)}`,
    '',
    '# Who gets which sets, on which targets. Nothing is allowed unless a grant allows it.',
    'grants:',
    ...(operators.length === 0
      ? []
      : [`  - { to: ["group:operators"], sets: [${sets.operators}], on: ${everywhere} }`]),
    `  - { to: ["group:leads"], sets: [${sets.leads}], on: ${everywhere} }`,
    '',
    starterPolicy(),
  ].join('\n')
}

/** Returns the starter policy without the comment of its file. */
function starterPolicy(): string {
  const text = readDeploy('starter-policy.yaml')
  return text.slice(text.indexOf('\n\n') + 2)
}

function clusterLine({ name, context }: StarterAnswers['clusters'][number], index: number): string {
  const where = context === undefined ? 'inCluster: true' : `context: ${JSON.stringify(context)}`
  const fields = [`name: ${JSON.stringify(name)}`, where, ...(index === 0 ? ['default: true'] : [])]
  return `  - { ${[...fields, 'admissionPolicy: required'].join(', ')} }`
}

function teamsLines({ appId, tenant, entraClientId }: NonNullable<StarterAnswers['teams']>): string[] {
  return [
    `teams: { appId: ${appId}, tenant: ${tenant} } # its secret is TEAMS_APP_SECRET in the environment`,
    `directory: { entra: { tenant: ${tenant}, clientId: ${entraClientId} } } # its secret is ENTRA_CLIENT_SECRET`,
  ]
}

function testsText({ leads, operators, clusters }: StarterAnswers): string {
  const [lead = ''] = leads
  const [operator = lead] = operators
  const other = 'somebody-else@example.invalid'
  const [node, pod] = ['node001', '-n shop pod/web-1']
  const cases = [
    { as: operator, run: `shell ${node} ss -s`, expect: 'allow', set: 'probe' },
    { as: operator, run: `shell ${node} ip addr`, expect: 'allow', set: 'probe' },
    { as: operator, run: `shell ${node} mtr example.org`, expect: 'allow', set: 'probe' },
    { as: operator, run: `shell ${pod} dig example.org`, expect: 'allow', set: 'probe' },
    { as: operator, run: `shell ${node} iptables -nvL`, expect: 'allow', set: 'netfilter' },
    { as: operator, run: `shell ${node} ss -tlnp`, expect: 'allow', set: 'triage' },
    { as: operator, run: `shell ${node} curl http://169.254.169.254/`, expect: 'deny', reason: 'destination' },
    ...(operators.length === 0 ? [] : [{ as: operator, run: `shell ${node} iptables -F`, expect: 'deny' }]),
    ...(operators.length === 0
      ? []
      : [{ as: operator, run: `shell ${node} systemctl status kubelet`, expect: 'allow' }]),
    { as: lead, run: `shell ${node} cat /host/etc/hosts`, expect: 'allow', set: 'host-read' },
    { as: lead, run: `shell --reason "it hangs" ${node} systemctl restart kubelet`, expect: 'ask', set: 'host-write' },
    { as: operator, run: `shell ${pod}`, expect: 'allow', set: 'plain-shell' },
    ...(operators.length === 0
      ? []
      : [{ as: operator, run: `shell ${node}`, expect: 'deny', reason: 'unapproved-shell' }]),
    { as: lead, run: `shell --set host-shell --reason "it hangs" ${node}`, expect: 'ask', set: 'host-shell' },
    { as: other, run: `shell ${node} dig example.org`, expect: 'deny', reason: 'no-grant' },
    { as: operator, run: `shell --context ${clusters[0]?.name} ${node} dig $(id)`, expect: 'misunderstood' },
  ]
  const head = [
    '# yaml-language-server: $schema=policy-tests.schema.json',
    '# Tests of the policy, for the CI of its repository: npx retina-chatops policy test policy-tests.yaml',
  ]
  return `${head.join('\n')}\n${stringify({ policy: 'retina.yaml', cases }, { lineWidth: 0 })}`
}

function valuesText({ programImage, url, embeddedRedis }: StarterAnswers): string {
  const { repo: repository, tag = version, digest } = imageName(programImage)
  const values = {
    image: { repository, tag, ...defined({ digest }) },
    secrets: { bot: secretName('bot'), worker: secretName('worker') },
    targets: { allNamespaces: true },
    ...(embeddedRedis ? { redis: { embedded: true, secret: 'retina-chatops-redis' } } : {}),
    ...(url === undefined ? {} : { ingress: { enabled: true, host: url.hostname } }),
  }
  const head = [
    '# Values of the chart deploy/helm/retina-chatops, made by `retina-chatops init`. The files beside it go with it:',
    '# --set-file config=retina.yaml --set-file admissionPolicy.file=admission-policy.yaml',
  ]
  return `${head.join('\n')}\n${stringify(values)}`
}

/** Name of the secret with the environment variables of a role. */
export const secretName = (role: 'bot' | 'worker') => `retina-chatops-${role}`

/** Returns deploy/slack/manifest.yaml with the bot's address, or for Socket Mode. */
function slackManifest(mode: 'http' | 'socket', url: URL | undefined): string {
  // Without the comment that says what to put in place of the address.
  const document = parseDocument(readDeploy('slack/manifest.yaml').replace(/^(?:#.*\n)+/, ''))
  document.commentBefore =
    ' Slack app manifest with the least scopes: api.slack.com/apps, Create New App, From a manifest.'
  const address = url === undefined ? undefined : `${url.origin}/slack/events`
  const set = (path: readonly (string | number)[]) =>
    address === undefined ? document.deleteIn(path) : document.setIn(path, address)
  const settings = ['settings', 'event_subscriptions', 'request_url']
  set(['features', 'slash_commands', 0, 'url'])
  set(settings)
  set(['settings', 'interactivity', 'request_url'])
  set(['settings', 'interactivity', 'message_menu_options_url'])
  document.setIn(['settings', 'socket_mode_enabled'], mode === 'socket')
  return document.toString({ lineWidth: 0 })
}

/** Returns deploy/teams/manifest.json for an app. */
function teamsManifest(appId: string, url: URL | undefined): string {
  const text = readDeploy('teams/manifest.json').replaceAll('00000000-0000-0000-0000-000000000000', appId)
  return url === undefined ? text : text.replaceAll('https://chatops.example.com', url.origin)
}
