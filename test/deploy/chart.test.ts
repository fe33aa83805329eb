import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { generatedFiles } from '#dev/chart/generate'
import { helm, helmTemplate } from '#dev/chart/helm'
import { goTool } from '#dev/go-tools/go-tools'
import { cliHere } from '#test/cli/run-cli'
import { changes, golden, render, valuesFolder, variants, wholeText } from './golden.ts'

const root = join(import.meta.dirname, '../..')
const chart = join(root, 'deploy/helm/retina-chatops')
const base = join(valuesFolder, 'base.yaml')
const wrongFolder = join(import.meta.dirname, 'wrong-values')
const wrongFiles = readdirSync(wrongFolder)

let folder = ''
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'retina-chart-'))
  // Built once on a machine, in eight minutes on one processor.
  await goTool('helm')
}, 1_200_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Resolves with helm's message, in one line; empty if it renders. */
async function refusal(args: readonly string[]): Promise<string> {
  return helmTemplate(args).then(
    () => '',
    (error: Error) => error.message.split('\n').slice(1).join(' '),
  )
}

test('manifests, schema and table are up to date', async () => {
  for (const [path, text] of Object.entries(await generatedFiles())) {
    const upToDate = readFileSync(join(root, path), 'utf8') === text
    expect({ path, upToDate, how: 'npm run chart' }).toMatchObject({ upToDate: true })
  }
})

test('the plainest installation is rendered as expected', async () => {
  expect(wholeText(await render('base'))).toBe(golden('base'))
})

test.each(variants)('rendered as expected: %s', async (name) => {
  expect(changes(await render('base'), await render(name))).toBe(golden(name))
})

test('there are enough of them', () => {
  expect(variants.length).toBeGreaterThanOrEqual(15)
  expect(wrongFiles.length).toBeGreaterThanOrEqual(15)
})

test.each(wrongFiles)('refused by the schema, with the place and the reason: %s', async (name) => {
  const file = join(wrongFolder, name)
  const [first = ''] = readFileSync(file, 'utf8').split('\n')
  const message = await refusal(['--values', base, '--values', file])
  expect(message).toContain("values don't meet the specifications of the schema")
  expect(message).toContain(first.slice(2))
})

test.each([
  ['env.SLACK_BOT_TOKEN=xoxb-1', 'env.SLACK_BOT_TOKEN: values hold nothing secret'],
  ['worker.serviceAccount.name=bot', 'give them different accounts'],
  ['config.shell.namespace=retina-chatops-system', 'debug pods need a namespace of their own'],
  ['playbooks.shop\\.yaml=x', 'retina.yaml names no playbooks'],
  [
    'terminal.serviceAccount.name=worker,config.terminal.url=https://chatops.example.com',
    'give them different accounts',
  ],
  ['config.http.host=127.0.0.1', 'nothing reaches a bot that listens on 127.0.0.1 only'],
])('refused with what to do instead: %s', async (setting, sentence) => {
  expect(await refusal(['--values', base, '--set', setting])).toContain(sentence)
})

test('the values are good by helm lint, and so are the examples', async () => {
  const examples = join(chart, 'examples')
  for (const name of readdirSync(examples)) {
    const output = await helm(['lint', '--strict', chart, '--values', base, '--values', join(examples, name)])
    expect(output).toContain('0 chart(s) failed')
  }
})

test('all objects of a release with a name of its own bear it', async () => {
  const text = await helmTemplate(['--values', base, '--set', 'fullnameOverride=netdebug'])
  const names = [...text.matchAll(/^metadata:(?:\n {2}| \{ )name: ([\w-]+)/gm)].map(([, name]) => name)
  const others = ['retina-chatops', 'nothing-in-nothing-out', 'debug-pods', 'bot', 'worker']
  expect(names.filter((name) => !name?.startsWith('netdebug')).toSorted()).toEqual(others.toSorted())
})

test('no rendered pod runs as root, and none has more than it needs', async () => {
  for (const name of ['base', ...variants]) {
    const pods = [...(await render(name)).values()].filter((each) => /^kind: (Deployment|StatefulSet|Pod)$/m.test(each))
    for (const pod of pods) {
      expect(pod).toMatch(/runAsNonRoot: true\n/)
      expect(pod).not.toMatch(/runAsUser: 0\b|privileged: true|hostNetwork|hostPath|hostPID/)
      const fixed = 'allowPrivilegeEscalation: false|readOnlyRootFilesystem: true|capabilities: { drop: \\[ALL\\] }'
      expect(pod.match(new RegExp(fixed, 'g'))).toHaveLength(3)
    }
  }
})

const retinaYaml = `
clusters: [{ name: prod, inCluster: true }]
shell: { image: { repo: registry.example.com/retina-shell, version: v1 }, keep: off, pin: off }
capabilitySets:
  probe: { tools: [ping, dig], maxDeadline: 2m } # <&> "é" ☃ \u2028
  off: { tools: ['*'], effect: write }
groups: { no: [alice@example.com], leads: ["slack:usergroup/S0LEADS"] }
deny: [169.254.169.254]
grants:
  - { to: [alice@example.com, "group:leads"], sets: [probe], on: [{ nodes: '*' }], until: 2030-01-01T00:00:00Z }
slack: { mode: http }
`

/** Writes a file of the test, and resolves with its path. */
function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

async function policyFor(text: string, ...flags: readonly string[]): Promise<string> {
  const made = await cliHere(['admission-policy', '--helm', '--config', write('made-from.yaml', text), ...flags])
  if (made.code !== 0) throw new Error(made.stderr)
  return write(`policy-${Math.random()}.yaml`, made.stdout)
}

const install = (config: string, policy: string) => [
  ...['--set', 'image.repository=registry.example.com/retina-chatops'],
  ...['--set-file', `config=${config}`, '--set-file', `admissionPolicy.file=${policy}`],
]

test.each([[], ['--impersonate']])(
  'the policy that was made from the same retina.yaml is taken %s',
  async (...flags) => {
    const policy = await policyFor(retinaYaml, ...flags)
    const text = await helmTemplate(install(write('retina.yaml', retinaYaml), policy))
    expect(text.match(/^kind: ValidatingAdmissionPolicy$/gm)).toHaveLength(5)
    expect(text.match(/^kind: ClusterRole\n.*\n {2}name: retina-chatops-impersonate$/gm) ?? []).toHaveLength(
      flags.length,
    )
  },
)

test('who may use what may change without a new policy, unless people are impersonated', async () => {
  const config = write('retina.yaml', retinaYaml.replace('sets: [probe]', 'sets: [off]').replace('alice@', 'bob@'))
  expect(await refusal(install(config, await policyFor(retinaYaml)))).toBe('')
  const withPeople = await policyFor(retinaYaml, '--impersonate')
  expect(await refusal(install(config, withPeople))).toContain('groups, or the people of grants differ')
})

test.each([
  ['another set', (text: string) => text.replace('maxDeadline: 2m', 'maxDeadline: 9m')],
  ['another image', (text: string) => text.replace('version: v1', 'version: v2')],
  ['another namespace', (text: string) => text.replace('keep: off', 'keep: off, namespace: other')],
])('a policy that was made from %s is refused', async (_what, change) => {
  const policy = await policyFor(retinaYaml)
  const message = await refusal(install(write('retina.yaml', change(retinaYaml)), policy))
  expect(message).toContain('admissionPolicy.file: it was made from another retina.yaml')
  expect(message).toContain('retina-chatops admission-policy --helm --config retina.yaml')
})

test('T35 a policy is refused without its header, for other accounts, and of another version', async () => {
  const [config, policy] = [write('retina.yaml', retinaYaml), await policyFor(retinaYaml)]
  const text = readFileSync(policy, 'utf8')
  const changed = (from: RegExp, to: string) => refusal(install(config, write('changed.yaml', text.replace(from, to))))
  expect(await changed(/^# for the chart.*$/m, '')).toContain('its header for the chart is missing')
  expect(await changed(/version=\S+/, 'version=0.0.9')).toContain('it was made by version 0.0.9')
  const others = await policyFor(retinaYaml, '--account=system:serviceaccount:other:bot')
  expect(await refusal(install(config, others))).toContain('it holds for the accounts system:serviceaccount:other:bot')
})

test('where retina.yaml has shells, the policy has to hold for the terminal’s account too', async () => {
  const text = `${retinaYaml}terminal: { url: https://chatops.example.com }\n`
  const config = write('retina.yaml', text)
  const made = await policyFor(text)
  const rendered = await helmTemplate(install(config, made))
  expect(readFileSync(made, 'utf8')).toContain('system:serviceaccount:retina-chatops-system:terminal')
  expect(rendered).toMatch(/args: \[start, --config, \S+ --role, terminal\]/)
  expect(await refusal(install(config, await policyFor(retinaYaml)))).toContain('it holds for the accounts')
  // Without shells the account is neither made nor let do anything.
  const without = await policyFor(retinaYaml)
  expect(readFileSync(without, 'utf8')).not.toContain(':terminal')
})

test('without a policy nothing is installed, unless something else applies it', async () => {
  const args = ['--values', base, '--set', 'admissionPolicy.external=false']
  expect(await refusal(args)).toContain("anybody with the worker's account can make any pod")
  const both = [...args, '--set', 'admissionPolicy.external=true', '--set', 'admissionPolicy.file=x']
  expect(await refusal(both)).toContain('not by both')
})

test('retina.yaml reaches the program byte for byte', async () => {
  const text = await helmTemplate(install(write('retina.yaml', retinaYaml), await policyFor(retinaYaml)))
  const [, block = ''] = / {2}retina\.yaml: \|2\n([\s\S]*?)\n---/.exec(text) ?? []
  expect(block.replaceAll(/^ {4}/gm, '').trim()).toBe(retinaYaml.trim())
})

test('admission-policy --helm refuses an image that is not in retina.yaml', async () => {
  const file = write('retina.yaml', retinaYaml)
  const made = await cliHere(['admission-policy', '--helm', '--config', file], { RETINA_SHELL_IMAGE_VERSION: 'v9' })
  expect(made).toMatchObject({ code: 2 })
  expect(made.stderr).toContain('unset RETINA_SHELL_IMAGE_VERSION')
})

test.each([
  ['Slack', ['--slack', 'http', '--url', 'https://retina.example.com']],
  ['Slack in Socket Mode, to try out', ['--slack', 'socket', '--embedded-redis']],
])('what `init` writes is taken by the chart, by the command that it says: %s', async (name, flags) => {
  const out = join(folder, `init-${name.length}`)
  const given = ['--cluster', 'prod', '--lead', 'a@example.com,b@example.com', '--operator', 'c@example.com']
  const image = ['--shell-image', 'registry.example.com/retina/shell:v1']
  const made = await cliHere(['init', '--folder', out, ...given, ...image, ...flags])
  expect(made).toMatchObject({ code: 0, stderr: '' })
  const said = /helm install retina-chatops \S+ -n \S+ ([^\n]*) \\\n([^\n]*)\n/.exec(made.stdout)
  const args = `${said?.[1]} ${said?.[2]}`.trim().split(/\s+/)
  expect(args).toContain(`admissionPolicy.file=${join(out, 'admission-policy.yaml')}`)
  const text = await helmTemplate(args)
  expect(text.match(/^kind: ValidatingAdmissionPolicy$/gm)).toHaveLength(5)
  expect(text).toMatch(/image: "?registry\.example\.com\/retina\/retina-chatops:/)
})
