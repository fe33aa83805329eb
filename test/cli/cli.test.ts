import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { cli, cliHere, startCli, writeUnreachableKubeconfig } from './run-cli.ts'

const example = join(import.meta.dirname, '../../deploy/retina.example.yaml')
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'retina-cli-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

// One call of each kind uses a process of its own, as operators do; the others run in this process to save time.
const canI = (...args: string[]) => cli(['can-i', '--config', example, ...args])
const canIHere = (...args: string[]) => cliHere(['can-i', '--config', example, ...args])
const carol = ['--as', 'carol@example.com', '--node-labels', 'pool=web']

test('can-i: exits with 0 if allowed, as text and as JSON', async () => {
  const text = await canI(...carol, '--', 'shell', 'node001', 'iptables', '-nvL')
  expect(text).toMatchObject({ code: 0, stderr: '' })
  expect(text.stdout).toMatch(
    /^allow: set netfilter, by grants\[0\]\ntarget: node\/node001 \(cluster prod-eu\)\nruns: {3}iptables -nvL\nneeds: {2}NET_ADMIN, NET_RAW; reads only\nimage: {2}example\.azurecr\.io\/retina\/retina-shell:v1\.0\.0\n/,
  )
  const json = await canIHere(
    ...carol,
    '-o',
    'json',
    '--',
    'shell',
    'node001',
    'iptables',
    '-nvL',
    '|',
    'head',
    '-n',
    '2',
  )
  expect(json.code).toBe(0)
  expect(JSON.parse(json.stdout)).toMatchObject({
    effect: 'allow',
    set: 'netfilter',
    needs: { capabilities: ['NET_ADMIN', 'NET_RAW'], effect: 'read' },
    argv: [
      ['iptables', '-nvL'],
      ['head', '-n', '2'],
    ],
  })
})

test('can-i: shows the configured digest, shortened as text and complete as JSON', async () => {
  const file = join(folder, 'pinned.yaml')
  const digest = `sha256:${'0123456789abcdef'.repeat(4)}`
  writeFileSync(
    file,
    readFileSync(example, 'utf8').replace('version: v1.0.0 }', `version: v1.0.0, digest: "${digest}" }`),
  )
  const args = ['can-i', '--config', file, ...carol]
  const asked = ['--', 'shell', 'node001', 'dig', 'x']
  expect((await cliHere([...args, ...asked])).stdout).toContain('retina-shell:v1.0.0 (sha256:0123456789ab…)\n')
  expect(JSON.parse((await cliHere([...args, '-o', 'json', ...asked])).stdout)).toMatchObject({
    image: `example.azurecr.io/retina/retina-shell:v1.0.0@${digest}`,
  })
})

test('can-i: argv has the arguments as given, without additions', async () => {
  const json = await canIHere(...carol, '-o', 'json', '--', 'shell', 'node001', 'ping', '10.0.0.1')
  expect(JSON.parse(json.stdout)).toMatchObject({ argv: [['ping', '10.0.0.1']] })
})

test('can-i: exits with 4 if denied, with the reason and the sets that would cover it', async () => {
  const json = await canI(...carol, '-o', 'json', '--', 'shell', 'node001', 'systemctl', 'status', 'kubelet')
  expect(json.code).toBe(4)
  expect(JSON.parse(json.stdout)).toMatchObject({
    effect: 'deny',
    reason: 'tool',
    wouldNeed: ['host-read', 'host-write'],
  })
  expect((await canIHere('--as', 'mallory@example.com', '--', 'shell', 'node001', 'dig', 'x')).code).toBe(4)
  expect((await canIHere('--as', 'carol@example.com', '--', 'shell', 'node001', 'dig', 'x')).code).toBe(4)
})

test('can-i: exits with 3 if approval is needed, in the channel and by the group that the grant names', async () => {
  const args = ['--', 'shell', '-w', 'node001', 'rm', '/host/x']
  const asked = await canI(
    '--as',
    'lead@example.com',
    '--group',
    'slack:usergroup/S0LEADS',
    '--in',
    'slack:channel/C0INCIDENT',
    '-o',
    'json',
    ...args,
  )
  expect(asked.code).toBe(3)
  expect(JSON.parse(asked.stdout)).toMatchObject({ effect: 'ask', set: 'host-write' })
  const elsewhere = await canIHere('--as', 'alice@example.com', '--in', 'slack:channel/C0OTHER', '-o', 'json', ...args)
  expect(JSON.parse(elsewhere.stdout)).toMatchObject({ effect: 'deny', reason: 'channel' })
  const named = await canIHere(
    '--as',
    'x@example.com',
    '--group',
    'sre-leads',
    '--in',
    'slack:channel/C0INCIDENT',
    ...args,
  )
  expect(named.code).toBe(3)
})

test('can-i: exits with 2 if misunderstood; a single argument is parsed like a chat text', async () => {
  const typed = await canI(...carol, '-o', 'json', '--', 'shell node001 dig $(id)')
  expect(typed.code).toBe(2)
  expect(JSON.parse(typed.stdout)).toEqual({
    effect: 'misunderstood',
    code: 'shell-syntax',
    message: expect.stringContaining('"$"'),
  })
  expect((await canIHere(...carol, '--', 'shell', 'node001', 'dig', '$(id)')).code).toBe(0)
  for (const text of ['nodes', 'shell --context nowhere node001 dig x', 'shell ../x dig x']) {
    expect([text, (await canIHere(...carol, '-o', 'json', '--', text)).code]).toEqual([text, 2])
  }
})

test.each([
  ['slack', '<@U0RETINA>: shell node001 curl <http://x.example/?a=1&amp;b=2>', 'http://x.example/?a=1&b=2'],
  ['slack', 'shell node001 curl <tel:1006443|10.0.64.43>', '10.0.64.43'],
  ['teams', "<at>retina</at>&nbsp;shell node001 curl 'http://x.example/?a=1&amp;b=2'", 'http://x.example/?a=1&b=2'],
  ['teams', '<p>shell node001 curl <a href="http://x.example">x.example</a></p>', 'x.example'],
  ['web', "@retina: shell node001 curl 'http://x.example/?a=1&amp;b=2'", 'http://x.example/?a=1&amp;b=2'],
  ['console', "shell node001 curl 'http://x.example/?a=1&amp;b=2'", 'http://x.example/?a=1&amp;b=2'],
])('can-i: --platform %s reads a single argument as that platform sends it: %s', async (platform, text, host) => {
  const { stdout } = await canIHere(...carol, '--platform', platform, '-o', 'json', '--', text)
  const { argv, effect } = JSON.parse(stdout) as { argv?: string[][]; effect: string }
  expect([effect, argv]).toEqual([expect.stringMatching(/allow|deny/), [['curl', host]]])
})

test('can-i: without a platform, a single argument is read as people type it', async () => {
  const { stdout } = await canIHere(...carol, '-o', 'json', '--', "shell node001 curl 'http://x.example/?a=1&amp;b=2'")
  expect(JSON.parse(stdout)).toMatchObject({ argv: [['curl', 'http://x.example/?a=1&amp;b=2']] })
})

test.each([
  [
    ['run', '--config', example, '--as', 'alice@example.com', '-o', 'yaml', '--', 'nodes'],
    /"yaml" is not a valid output/,
  ],
  [['can-i', '--config', example, '--', 'shell', 'node001', 'dig', 'x'], /Name the person: --as/],
  [['can-i', '--config', example, '--as', 'x@example.com'], /Give the command after "--"/],
  [
    ['can-i', '--config', example, '--as', 'x@example.com', '-o', 'yaml', '--', 'nodes'],
    /"yaml" is not a valid output format/,
  ],
  [
    ['can-i', '--config', example, '--as', 'x@example.com', '--in', 'C0X', '--', 'nodes'],
    /"C0X" is not a valid channel/,
  ],
  [['frobnicate'], /There is no command "frobnicate"/],
  [['start', '--role', 'king'], /"king" is not a valid role; use bot, worker, terminal or all/],
  [['start', '--frobnicate'], /frobnicate/],
  [['config', 'check'], /config check FILE/],
  [['run', '--config', example, '--', 'nodes'], /Name the person: --as PERSON/],
  [['run', '--config', example, '--as', 'alice@example.com'], /Give the command after "--"/],
])('%j reports what is wrong with the call', async (args, message) => {
  const { code, stderr } = await cliHere(args)
  expect(code).toBe(2)
  expect(stderr).toMatch(message)
  expect(stderr).toContain('`retina-chatops help`')
  expect(stderr).not.toMatch(/\n\s+at /)
})

test('config check: exits with 0 for a valid file, and with 1 for an invalid one, with every mistake as file:line:column', async () => {
  const good = await cli(['config', 'check', example])
  expect(good).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringContaining('2 clusters, 4 capability sets, 2 grants'),
  })
  const file = join(folder, 'wrong.yaml')
  writeFileSync(file, 'clusters: [{ name: dev }]\ngrantz: []\ncapabilitySets: { a: { tools: [pong] } }\n')
  const wrong = await cliHere(['config', 'check', file])
  expect(wrong.code).toBe(1)
  expect(wrong.stderr).toBe(`${file}:2:1: there is no "grantz" here; did you mean "grants"?\n`)
  const missing = await cliHere(['config', 'check', join(folder, 'nosuch.yaml')])
  expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining("can't be read") })
})

test('config check reads the playbooks that the file names, and names their mistakes with their file', async () => {
  const file = join(folder, 'with-playbooks.yaml')
  const shell = 'shell: { image: { repo: a, version: b } }'
  writeFileSync(file, `clusters: [{ name: dev }]\n${shell}\nplaybooks: ./own-*.yaml\n`)
  const none = await cliHere(['config', 'check', file])
  expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining(`${file}:3:12: no file matches`) })
  const own = join(folder, 'own-shop.yaml')
  const example = readFileSync(join(import.meta.dirname, '../../deploy/playbook.example.yaml'), 'utf8')
  writeFileSync(own, example)
  expect(await cliHere(['config', 'check', file])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('0 grants, 1 playbook.'),
  })
  writeFileSync(own, example.replace('playbook: shop-database', 'playbook: dns'))
  const taken = await cliHere(['config', 'check', file])
  expect(taken).toMatchObject({ code: 1, stderr: expect.stringMatching(/own-shop\.yaml:4:11: "dns" is the name of/) })
  // The same file by itself.
  const alone = await cliHere(['playbook', 'check', own])
  expect(alone).toMatchObject({ code: 1, stderr: expect.stringMatching(/:4:11: "dns" is the name of/) })
})

test('start refuses an invalid file, and a Slack adapter without its token', async () => {
  const file = join(folder, 'slack.yaml')
  writeFileSync(
    file,
    'clusters: [{ name: dev }]\nshell: { image: { repo: a, version: b } }\nslack: {}\nhttp: { host: 127.0.0.1, port: 0 }\n',
  )
  const env = { KUBECONFIG: writeUnreachableKubeconfig(folder), SLACK_BOT_TOKEN: '' }
  const started = await cli(['start', '--config', file], env)
  expect(started.code).toBe(1)
  expect(started.stderr).toContain('The Slack adapter needs SLACK_BOT_TOKEN, which is not set.')
  expect((await cliHere(['start', '--config', join(folder, 'nosuch.yaml')])).code).toBe(1)
})

test('run: only people of the console adapter may be named', async () => {
  const file = join(folder, 'console.yaml')
  writeFileSync(
    file,
    'clusters: [{ name: dev }]\nshell: { image: { repo: a, version: b } }\nconsole: { people: [{ id: a@example.com, name: A }] }\n',
  )
  const ran = await cli(['run', '--config', file, '--as', 'root@example.com', '--', 'nodes'], {
    KUBECONFIG: writeUnreachableKubeconfig(folder),
  })
  expect(ran.code).toBe(1)
  expect(ran.stderr).toContain('There is no console user "root@example.com".')
})

test('help and version', async () => {
  expect(await cli(['help'])).toMatchObject({ code: 0, stdout: expect.stringContaining('retina-chatops can-i') })
  expect(await cliHere(['version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
})

test('policy test: every case of the file is decided and compared; a failed one is shown with its line', async () => {
  const file = join(import.meta.dirname, '../../deploy/policy-tests.example.yaml')
  const fine = await cliHere(['policy', 'test', file])
  expect(fine).toMatchObject({ code: 0, stderr: '' })
  expect(fine.stdout).toMatch(/9 of 9 cases are decided as expected\.\n$/)
  const text = readFileSync(file, 'utf8')
  const changed = join(folder, 'cases.yaml')
  writeFileSync(
    changed,
    text.replace('expect: deny, reason: effect', 'expect: allow').replace('set: netfilter', 'set: probe'),
  )
  const wrong = await cliHere(['policy', 'test', changed, '--config', example])
  expect(wrong.code).toBe(1)
  expect(wrong.stdout).toMatch(
    /not ok .*cases\.yaml:5 .*\n +expected the set "probe", got allow by the set "netfilter"/,
  )
  expect(wrong.stdout).toMatch(/not ok .*cases\.yaml:7 .*\n +expected allow, got deny \(effect\)/)
  expect(wrong.stdout).toMatch(/7 of 9 cases/)
})

test.each([
  ['cases: []', /"cases"/],
  ['cases: [{ as: a@b.c, run: shell n dig x }]', /:1:9: "cases\.0\.expect"/],
  ['cases: [{ as: a@b.c, run: shell n dig x, expect: perhaps }]', /"cases\.0\.expect"/],
  ['cases: [{ as: a@b.c, run: shell n dig x, expect: deny, hope: 1 }]', /hope/],
  ['cases: [', /:1:\d+: /],
])('policy test: refuses a file without valid cases: %s', async (text, message) => {
  const file = join(folder, 'wrong.yaml')
  writeFileSync(file, text)
  const ended = await cliHere(['policy', 'test', file, '--config', example])
  expect(ended.code).toBe(2)
  expect(ended.stderr).toMatch(message)
})

test('T25 redact: prints standard input without its secrets, with --config by the forms of a file too', async () => {
  const text = 'password=hunter2hunter2\n\u001b[31mid ACME-12345678\u001b[0m\u200b'
  const redact = (...args: string[]) => {
    const { child, ended } = startCli(['redact', ...args])
    child.stdin?.end(text)
    return ended
  }
  expect(await redact()).toEqual({
    code: 0,
    stdout: 'password=[redacted: password]\nid ACME-12345678⟨U+200B⟩',
    stderr: '1 secret hidden\n',
  })
  expect(await redact('--config', example)).toMatchObject({
    stdout: 'password=[redacted: password]\nid [redacted: by policy]⟨U+200B⟩',
    stderr: '2 secrets hidden\n',
  })
  expect(await cliHere(['redact', 'x'])).toMatchObject({ code: 2, stderr: expect.stringContaining('standard input') })
})
