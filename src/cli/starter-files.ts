import { stringify } from 'yaml'
import { imageName } from '#core/request/image'
import { defined } from '#core/util/defined'
import { admissionFile } from '#src/app/admission-file'
import { knownNames } from '#src/app/policy-file'
import { UserError } from '#src/app/user-error'
import { version } from '#src/app/version'
import { configJsonSchema, policyTestsJsonSchema } from '#src/config/json-schema'
import { parseConfig, remarkText } from '#src/config/load'
import { defaultAccounts } from './admission-policy.ts'
import { readDeploy } from './read-deploy-template.ts'
import type { StarterAnswers } from './starter-answers.ts'

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
  const accounts = defaultAccounts(loaded.config)
  const policy = admissionFile(loaded.config, { accounts, impersonate: true }, toYaml, config)
  return new Map([
    ['retina.yaml', config],
    ['policy-tests.yaml', testsText(answers)],
    ['values.yaml', valuesText(answers)],
    ['admission-policy.yaml', policy],
    ...answers.chats.map(({ file }) => [file.name, file.text] as const),
    ['retina.schema.json', `${JSON.stringify(configJsonSchema(), null, 2)}\n`],
    ['policy-tests.schema.json', `${JSON.stringify(policyTestsJsonSchema(), null, 2)}\n`],
  ])
}

function configText(answers: StarterAnswers): string {
  const { clusters, url, chats, leads, operators } = answers
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
    ...chats.flatMap(({ config }) => config),
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
    secrets: {
      bot: secretName('bot'),
      worker: secretName('worker'),
      ...(url === undefined ? {} : { terminal: secretName('terminal') }),
    },
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
export const secretName = (role: 'bot' | 'worker' | 'terminal') => `retina-chatops-${role}`
