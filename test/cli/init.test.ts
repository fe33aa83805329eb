import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { init } from '#src/cli/init'
import { schemaIssues } from '#test/deploy/schema-issues'
import { cliHere } from './run-cli.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'retina-init-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const read = (name: string) => readFileSync(join(folder, name), 'utf8')
const guid = '9b1f6c1e-6f0a-4c1b-9d0e-2f3a4b5c6d7e'

const slackFlags = [
  ...[
    '--cluster',
    'prod',
    '--cluster',
    'other=their-context',
    '--slack',
    'http',
    '--url',
    'https://retina.example.com',
  ],
  ...['--lead', 'alice@example.com', '--lead', 'bob@example.com', '--operator', 'carol@example.com'],
  ...['--shell-image', 'registry.example.com/retina/shell:v1'],
]

const runInit = (...flags: string[]) => cliHere(['init', '--folder', folder, ...flags], { KUBECONFIG: '/nonexistent' })

const variants: [string, string[]][] = [
  ['Slack over HTTP', slackFlags],
  [
    'Slack in Socket Mode',
    ['--cluster', 'a', '--slack', 'socket', '--lead', 'a@example.com', '--shell-image', 'r.io/x/s:v1'],
  ],
  [
    'Teams',
    [
      ...[
        '--cluster',
        'a',
        '--in-cluster',
        'none',
        '--teams',
        guid,
        '--tenant',
        guid,
        '--url',
        'https://retina.example.com',
      ],
      ...['--lead', 'a@example.com,b@example.com', '--shell-image', `r.io/x/s:v1@sha256:${'a'.repeat(64)}`],
    ],
  ],
  ['both, to try out', [...slackFlags, '--teams', guid, '--tenant', guid, '--embedded-redis', '--image', 'r.io/bot:1']],
]

test.each(variants)(
  '%s: what is written is valid without a warning, passes its own tests and meets its schemas',
  async (_name, flags) => {
    const { code, stdout, stderr } = await runInit(...flags)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/1\. .*kubectl[\s\S]*2\. .*helm install[\s\S]*3\. .*retina-chatops doctor/s)
    const checked = await cliHere(['config', 'check', join(folder, 'retina.yaml')])
    expect(checked).toMatchObject({ code: 0, stderr: '' })
    const tested = await cliHere(['policy', 'test', join(folder, 'policy-tests.yaml')])
    expect(tested).toMatchObject({ code: 0, stderr: '' })
    for (const [file, schema] of [
      ['retina.yaml', 'retina.schema.json'],
      ['policy-tests.yaml', 'policy-tests.schema.json'],
    ] as const) {
      expect(read(file).split('\n')[0]).toBe(`# yaml-language-server: $schema=${schema}`)
      expect(schemaIssues(read(schema), read(file))).toEqual([])
    }
    expect(read('admission-policy.yaml')).toMatch(/kind: ValidatingAdmissionPolicy\n/)
    expect(read('admission-policy.yaml')).toMatch(/kind: ClusterRoleBinding\n/)
  },
)

test('the first cluster is the one that the program runs in; others are reached by their contexts', async () => {
  await runInit(...slackFlags)
  expect(parse(read('retina.yaml'))).toMatchObject({
    clusters: [
      { name: 'prod', inCluster: true, default: true },
      { name: 'other', context: 'their-context' },
    ],
    slack: { mode: 'http' },
    groups: { leads: ['alice@example.com', 'bob@example.com'], operators: ['carol@example.com'] },
  })
  expect(parse(read('values.yaml'))).toMatchObject({
    image: { repository: 'registry.example.com/retina/retina-chatops' },
    ingress: { enabled: true, host: 'retina.example.com' },
  })
})

test('the Slack manifest has the address, or Socket Mode and none', async () => {
  await runInit(...slackFlags)
  expect(read('slack-manifest.yaml')).not.toMatch(/chatops\.example\.com/)
  expect(parse(read('slack-manifest.yaml'))).toMatchObject({
    features: { slash_commands: [{ url: 'https://retina.example.com/slack/events' }] },
    settings: { socket_mode_enabled: false, interactivity: { request_url: 'https://retina.example.com/slack/events' } },
  })
  rmSync(folder, { recursive: true })
  await runInit(...(variants[1]?.[1] ?? []))
  expect(read('slack-manifest.yaml')).not.toMatch(/https:\/\/chatops/)
  expect(parse(read('slack-manifest.yaml'))).toMatchObject({ settings: { socket_mode_enabled: true } })
})

test('the Teams manifest has the id of the app and the address', async () => {
  await runInit(...(variants[2]?.[1] ?? []))
  expect(JSON.parse(read('teams-manifest.json'))).toMatchObject({
    id: guid,
    bots: [{ botId: guid }],
    developer: { websiteUrl: 'https://retina.example.com' },
  })
})

const names = [
  ...['retina.yaml', 'policy-tests.yaml', 'values.yaml', 'admission-policy.yaml', 'slack-manifest.yaml'],
  ...['retina.schema.json', 'policy-tests.schema.json'],
]

test.each(names)('an existing %s is named and stays as it is, and nothing else is written', async (name) => {
  writeFileSync(join(folder, name), 'mine')
  const { code, stdout, stderr } = await runInit(...slackFlags)
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toContain(join(folder, name))
  expect(stderr).toMatch(/exists already\. Nothing was written/)
  expect(readdirSync(folder)).toEqual([name])
  expect(read(name)).toBe('mine')
})

test('where a file can’t be written, none is left', async () => {
  // A folder in the place of a file that is written late; `existsSync` names it before anything is written.
  mkdirSync(join(folder, 'values.yaml'))
  const { code } = await runInit(...slackFlags)
  expect(code).toBe(1)
  expect(readdirSync(folder)).toEqual(['values.yaml'])
  writeFileSync(join(folder, 'file'), '')
  const under = await cliHere(['init', '--folder', join(folder, 'file'), ...slackFlags])
  expect(under).toMatchObject({ code: 1, stderr: expect.stringMatching(/Nothing was written/) })
  expect(existsSync(join(folder, 'retina.yaml'))).toBe(false)
})

test('without a terminal, every flag that is missing is named at once', async () => {
  const { code, stderr } = await runInit('--slack', 'http')
  expect(code).toBe(2)
  expect(
    stderr
      .split('\n')
      .filter((line) => line.startsWith('  --'))
      .map((line) => /--[a-z-]+/.exec(line)?.[0]),
  ).toEqual([...['--cluster', '--url', '--lead', '--shell-image', '--image']])
  expect(readdirSync(folder)).toEqual([])
})

const change = (flag: string, value: string) => {
  const flags = [...slackFlags]
  const at = flags.indexOf(flag)
  return at === -1 ? [...flags, flag, value] : flags.toSpliced(at + 1, 1, value)
}

test.each([
  ['--lead', 'nobody', /"nobody" is not an e-mail address/],
  ['--operator', 'carol', /"carol" is not an e-mail address/],
  ['--url', 'http://retina.example.com', /not an address that begins with https/],
  ['--shell-image', 'shell', /not an image/],
  ['--slack', 'irc', /http, socket or no/],
  ['--teams', 'retina', /not a GUID/],
  ['--in-cluster', 'elsewhere', /none of the clusters/],
  ['--cluster', 'other', /two clusters named "other"/],
])('a wrong %s is a sentence, and nothing is written: %s', async (flag, value, says) => {
  const { code, stderr } = await runInit(...change(flag, value))
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(says) })
  expect(readdirSync(folder)).toEqual([])
})

test('no chat at all is a mistake', async () => {
  const flags = slackFlags.filter((each) => !['--slack', 'http', '--url', 'https://retina.example.com'].includes(each))
  expect(await runInit(...flags)).toMatchObject({ code: 2, stderr: expect.stringMatching(/Choose a chat/) })
})

/** Runs `init` on a terminal whose person types these lines. */
async function typed(lines: readonly string[], flags: readonly string[] = []) {
  const stdin = Object.assign(new PassThrough(), { isTTY: true })
  const stdout = new PassThrough()
  let shown = ''
  let left = [...lines]
  stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text
    if (!text.endsWith(': ')) return
    const [line, ...rest] = left
    left = rest
    if (line === undefined) stdin.end()
    else stdin.write(`${line}\n`)
  })
  const before = process.env['KUBECONFIG']
  process.env['KUBECONFIG'] = '/nonexistent'
  const { log } = console
  console.log = () => undefined
  try {
    return { code: await init(['--folder', folder, ...flags], { stdin, stdout }), shown: () => shown }
  } finally {
    console.log = log
    if (before === undefined) delete process.env['KUBECONFIG']
    else process.env['KUBECONFIG'] = before
  }
}

test('on a terminal it asks for what no flag says, again after a wrong answer, and empty answers take the default', async () => {
  const { code, shown } = await typed(
    [
      '',
      'prod',
      '',
      'maybe',
      'http',
      '',
      'retina.example.com',
      'https://retina.example.com',
      'a@example.com',
      '',
      '',
      '',
    ],
    ['--shell-image', 'r.io/x/s:v1'],
  )
  expect(code).toBe(0)
  expect(shown()).toMatch(/Name at least one cluster/)
  expect(shown()).toMatch(/Answer http, socket or no/)
  expect(shown()).toMatch(/not an address that begins with https/)
  expect(shown()).toMatch(/Image of this program, as REPO:TAG \[r\.io\/x\/retina-chatops:/)
  expect(parse(read('retina.yaml'))).toMatchObject({
    clusters: [{ name: 'prod', inCluster: true }],
    slack: { mode: 'http' },
  })
})

test('questions that are not answered leave nothing', async () => {
  await expect(typed(['prod', ''])).rejects.toThrow(/not answered. Nothing was written/)
  expect(readdirSync(folder)).toEqual([])
})
