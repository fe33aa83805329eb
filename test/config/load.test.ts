import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { demoConfigText } from '#dev/demo/config-text'
import { knownNames } from '#src/app/policy-file'
import { parseConfig, remarkText } from '#src/config/load'
import { expectValid } from './expect-valid.ts'

const names = { ...knownNames(), now: new Date('2026-11-24T00:00:00Z') }
const root = join(import.meta.dirname, '../..')

const good = `clusters: [{ name: dev }]
shell: { image: { repo: a.io/shell, version: v1 } }
capabilitySets:
  probe: { tools: [ping, dig] }
groups: { leads: [bob@example.com] }
grants:
  - { to: [carol@example.com], sets: [probe], on: [{ nodes: '*' }] }
`

function mistakes(text: string): string[] {
  const loaded = parseConfig(text, {}, names)
  return 'mistakes' in loaded ? loaded.mistakes.map((each) => remarkText('f', each)) : []
}

test('a valid file is loaded, with defaults', () => {
  const { config } = expectValid(parseConfig(good, {}, names))
  expect(config.defaultCluster).toBe('dev')
  expect(config.shell).toMatchObject({ namespace: 'retina-chatops', timeout: 30, deadline: 60 })
  expect(config.policy.sets[0]).toMatchObject({
    name: 'probe',
    effect: 'read',
    host: { filesystem: 'none', pid: false },
  })
  expect(config.policy.grants[0]).toMatchObject({ id: 'grants[0]', on: [{ kind: 'node', cluster: 'dev' }] })
})

test.each([
  ['deploy/retina.example.yaml', () => readFileSync(join(root, 'deploy/retina.example.yaml'), 'utf8')],
  ["the demo's configuration", demoConfigText],
])('%s is valid, without a warning', (_name, read) => {
  expect(parseConfig(read(), {}, names)).toMatchObject({ warnings: [] })
})

test.each([
  ['', '0.0.0.0', 8_082],
  ['http: { host: 10.0.0.1, port: 9000 }', '10.0.0.1', 8_082],
  ['http: { port: 0 }', '0.0.0.0', 0],
  ['health: { host: 127.0.0.1, port: 9001 }', '127.0.0.1', 9_001],
])('health and metrics have an address of their own: %j', (more, host, port) => {
  const loaded = parseConfig(`${good}\n${more}\n`, {}, names)
  expect(loaded).toMatchObject({ config: { health: { host, port } } })
})

test.each([
  'http: { port: 9000 }\nhealth: { port: 9000 }',
  'http: { port: 8082 }',
  'web: { port: 8082, people: [{ id: a@example.com, name: A }] }',
])('health and metrics share no port: %j', (more) => {
  const loaded = parseConfig(`${good}\n${more}\n`, {}, names)
  expect(loaded).toMatchObject({ mistakes: [{ message: expect.stringContaining('a port of their own') }] })
})

test.each([
  [
    '(?=secret)',
    /^f:\d+:\d+: "\(\?=secret\)" looks ahead or back at "\(\?="; an expression here is one that RE2 accepts/,
  ],
  ['(', /"\(" is no regular expression/],
  ['(a)\\1', /is no regular expression at "\\1"/],
])('T43 an expression that could take forever is refused: %s', (source, mistake) => {
  const loaded = parseConfig(`${good}\nredact: [${JSON.stringify(source)}]\n`, {}, names)
  expect('mistakes' in loaded && loaded.mistakes.map((each) => remarkText('f', each)).join('\n')).toMatch(mistake)
})

// Each row breaks one thing in the valid file: the text that is replaced, its replacement, and the mistake with line and column.
test.each<[string, string, RegExp]>([
  ['clusters:', 'clusers:', /f:1:1: there is no "clusers" here; did you mean "clusters"\?/],
  ['clusters: [{ name: dev }]', 'clusters: []', /^f:1:11: "clusters": /],
  ['clusters: [{ name: dev }]', 'x: 1', /f:1:1: /],
  ['{ name: dev }', '{ nam: dev }', /there is no "nam" here; did you mean "name"\?/],
  ['{ name: dev }', '{ name: dev }, { name: dev }', /^f:1:35: there are two clusters named "dev"/],
  ['{ name: dev }', '{ name: a, default: true }, { name: dev, default: true }', /only one cluster can be the default/],
  ['{ name: dev }', '{ name: dev, inCluster: true, context: x }', /remove "context" and "kubeconfig"/],
  ['{ name: dev }', '{ name: 5 }', /"clusters\.0\.name"/],
  ['{ repo: a.io/shell, version: v1 }', '{ repo: a.io/shell }', /version/],
  ['shell: { image: { repo: a.io/shell, version: v1 } }', 'contact: x', /no shell image/],
  ['version: v1 } }', 'version: v1 }, timeout: soon }', /"soon" is not a valid duration; use 90s, 10m or 1h30m/],
  ['version: v1 } }', 'version: v1 }, deadline: 0s }', /"0s" is not a valid duration/],
  ['version: v1 } }', 'version: v1 }, maxOutputBytes: 1 }', /maxOutputBytes/],
  ['version: v1 } }', 'version: v1 }, pullPolicy: Sometimes }', /pullPolicy/],
  ['version: v1 } }', 'version: v1 }, imagePullSecrets: [A_b] }', /is no name of a Kubernetes object/],
  ['version: v1 } }', 'version: v1 }, pullSecrets: [A_b] }', /is no name of a Kubernetes object/],
  ['version: v1 } }', 'version: v1 }, priorityClass: "a b" }', /is no name of a Kubernetes object/],
  ['version: v1 } }', 'version: v1 }, uidRange: 65532/1000 }', /ids below 65536 belong to other users/],
  ['version: v1 } }', 'version: v1 }, uidRange: 1000620000 }', /uidRange/],
  ['{ name: dev }', '{ name: dev, admissionPolicy: yes }', /admissionPolicy/],
  ['tools: [ping, dig]', 'tools: [ping, digg]', /^f:4:26: there is no tool "digg"; did you mean "dig"\?/],
  ['tools: [ping, dig]', 'tools: []', /^f:4:10: "probe" has no tools; list them/],
  ['tools: [ping, dig]', 'capabilities: [NET_RAW]', /"probe" has no tools/],
  ['tools: [ping, dig]', 'tools: [ping], capabilities: [NET_ROW]', /^f:4:42: there is no Linux capability "NET_ROW"/],
  ['tools: [ping, dig]', 'tools: [ping], host: { filesystem: writable }', /filesystem/],
  ['tools: [ping, dig]', 'tools: [ping], host: { filesystem: read-write }', /needs "effect: write"/],
  ['tools: [ping, dig]', 'tools: [ping], effect: destroy', /effect/],
  ['tools: [ping, dig]', 'tools: [ping], unconfined: [selinux]', /unconfined/],
  ['tools: [ping, dig]', 'tools: [ping], maxDeadline: -5', /is not a valid duration/],
  ['tools: [ping, dig]', "tools: [ping], approval: { from: ['group:nobody'] }", /there is no group "nobody"/],
  ['tools: [ping, dig]', 'tools: [ping], approval: { from: [] }', /from/],
  [
    'tools: [ping, dig]',
    "tools: [ping], approval: { from: ['group:leads'], quorum: 2 }",
    /"probe" can never be approved: it needs 2 approvals, but has only 1 approver/,
  ],
  ['tools: [ping, dig]', 'tools: [ping], approval: { from: [bob@example.com], quorum: 0 }', /quorum/],
  ['leads: [bob@example.com]', "leads: ['*']", /list the members of the group/],
  ['to: [carol@example.com]', 'to: [carol]', /^f:7:12: "carol" is not a valid subject/],
  ['to: [carol@example.com]', "to: ['group:leeds']", /there is no group "leeds"; did you mean "leads"\?/],
  ['to: [carol@example.com]', 'to: []', /"grants\.0\.to"/],
  ['sets: [probe]', 'sets: [prob]', /^f:7:39: there is no capability set "prob"; did you mean "probe"\?/],
  ["on: [{ nodes: '*' }]", 'on: []', /"grants\.0\.on"/],
  ["{ nodes: '*' }", "{ cluster: prod, nodes: '*' }", /there is no cluster "prod"/],
  ["{ nodes: '*' }", "{ nodes: '*', namespaces: '*' }", /use either "nodes" or "namespaces"/],
  ["{ nodes: '*' }", '{ pods: web }', /use either "nodes" or "namespaces"/],
  ["{ nodes: '*' }", "{ nodes: 'pool in web' }", /pool in web/],
  ["{ nodes: '*' }", "{ nodes: 'pool=a b' }", /pool=a b/],
  ["{ nodes: '*' }", "{ nods: '*' }", /there is no "nods" here/],
  ["on: [{ nodes: '*' }] }", "on: [{ nodes: '*' }], until: tomorrow }", /"tomorrow" is not a valid time/],
  ['groups:', 'slack: { botToken: xoxb-1 }\ngroups:', /"botToken": secrets are read only from the environment/],
  ['groups:', 'web: { people: [] }\ngroups:', /people/],
  ['groups:', 'http: { port: 99999 }\ngroups:', /port/],
  ['groups:', 'limits: { queue: 0 }\ngroups:', /queue/],
  ['groups:', 'limits: { perChannel: 0 }\ngroups:', /limits.perChannel/],
  ['groups:', 'limits: { perClusters: 5 }\ngroups:', /there is no "perClusters" here; did you mean "perCluster"/],
  ['groups:', 'groups: {}\ngroups:', /^f:6:1: .*unique|duplicate/i],
  ['groups:', '\tgroups:', /^f:5:1: /],
  ['tools: [ping, dig]', 'tools: ping', /"capabilitySets\.probe\.tools"/],
  ['tools: [ping, dig]', "tools: [ping, '']", /tools/],
  ['tools: [ping, dig]', 'tools: [ping], host: read-only', /host/],
  ['tools: [ping, dig]', 'tools: [ping], host: { pid: maybe }', /pid/],
  ['tools: [ping, dig]', 'tools: [ping], extends: [prob]', /^f:4:37: there is no capability set "prob"/],
  ['tools: [ping, dig]', 'extends: [probe]', /^f:4:22: "probe" extends itself through "probe"/],
  [
    'tools: [ping, dig]',
    'tools: [ping], extends: [two] }\n  two: { extends: [probe]',
    /"probe" extends itself through "two"/,
  ],
  ['tools: [ping, dig]', 'tools: [ping], extends: [constructor]', /there is no capability set "constructor"/],
  [
    'tools: [ping, dig]',
    'extends: [a, b] }\n  a: { tools: [ping], approval: { from: [a@example.com] } }\n  b: { tools: [dig], approval: { from: [b@example.com] }',
    /these sets require different approvals; say in "approval" which one applies to "probe"/,
  ],
  [
    'tools: [ping, dig]',
    'tools: [ping], deny: [169.254.169.254/40]',
    /^f:4:34: "169.254.169.254\/40" is not a valid destination/,
  ],
  ['tools: [ping, dig]', "tools: [ping], deny: ['http://x/']", /"http:\/\/x\/" is not a valid destination/],
  ['groups:', "deny: ['a b']\ngroups:", /^f:5:8: "a b" is not a valid destination/],
  ['tools: [ping, dig]', 'tools: [ping], approval: {}', /list the approvers in "from"/],
  ['tools: [ping, dig]', 'tools: [ping], approval: { from: [bob@example.com], quorum: [] }', /quorum/],
  ['tools: [ping, dig]', "tools: [ping], approval: { quorum: ['group:leeds'] }", /there is no group "leeds"/],
  [
    'tools: [ping, dig]',
    "tools: [ping], approval: { quorum: ['group:leads', 'group:leads'] }",
    /"probe" can never be approved: it needs 2 approvals, but has only 1 approver/,
  ],
  [
    'tools: [ping, dig]',
    'tools: [ping], approval: { from: [bob@example.com], within: never }',
    /"never" is not a valid duration/,
  ],
  ['tools: [ping, dig]', 'tools: [ping], approval: { from: [bob@example.com], window: 0 }', /is not a valid duration/],
  [
    'tools: [ping, dig]',
    'tools: [ping], approval: { from: [bob@example.com], announce: "#x" }',
    /announce.*is not a valid channel/,
  ],
  ['tools: [ping, dig]', 'tools: [ping], approval: { from: [bob@example.com], reason: maybe }', /reason/],
  [
    'tools: [ping, dig]',
    'tools: [ping], approval: { from: [bob@example.com], breakGlass: [bob] }',
    /"bob" is not a valid subject/,
  ],
  ['sets: [probe]', 'sets: []', /"grants\.0\.sets"/],
  ["on: [{ nodes: '*' }] }", "on: [{ nodes: '*' }], in: [] }", /"grants\.0\.in"/],
  ["{ nodes: '*' }", "{ nodes: ['*', 'a=b'] }", /names and label selectors cannot be in the same list/],
  ["{ nodes: '*' }", "{ nodes: 'Node_1' }", /"Node_1" is neither a name \(with \*\) nor a label selector/],
  ['clusters: [', 'clusters: [[', /^f:\d+:\d+: /],
])('%s → %s', (from, to, mistake) => {
  expect(good).toContain(from)
  const found = mistakes(good.replace(from, to))
  expect(found.join('\n')).toMatch(mistake)
  expect(found.every((each) => /^f:\d+:\d+: \S/.test(each))).toBe(true)
})

test('a set has everything of the sets that it extends, and their approval conditions', () => {
  const file = `clusters: [{ name: dev }]
shell: { image: { repo: a, version: b } }
deny: [169.254.169.254]
capabilitySets:
  probe: { tools: [ping], maxDeadline: 10m, deny: [10.0.0.0/8] }
  host: { extends: [probe], tools: [cat], capabilities: [SYS_CHROOT], host: { filesystem: read-only } }
  write: { extends: [host], tools: ['*'], host: { pid: true }, effect: write, approval: { from: [bob@example.com] } }
  more: { extends: [write], maxDeadline: 1m, images: ['b/*'] }
`
  const loaded = expectValid(parseConfig(file, {}, names))
  const more = loaded.config.policy.sets.find(({ name }) => name === 'more')
  expect(more).toMatchObject({
    tools: ['ping', 'cat', '*'],
    capabilities: ['SYS_CHROOT'],
    host: { filesystem: 'read-only', pid: true },
    effect: 'write',
    maxDeadline: 60,
    images: ['b/*'],
    approval: { from: ['bob@example.com'], quorum: 1 },
  })
  expect(more?.deny.map(({ text }) => text)).toEqual(['169.254.169.254', '10.0.0.0/8'])
  expect(loaded.config.policy.sets.find(({ name }) => name === 'host')).toMatchObject({
    effect: 'read',
    maxDeadline: 600,
  })
})

test('all mistakes are reported at once, in the order of the file', () => {
  const found = mistakes(good.replace('[ping, dig]', '[pong, dog]').replace('sets: [probe]', 'sets: [prob]'))
  expect(found.map((each) => each.split(':')[1])).toEqual(['4', '4', '7'])
})

test('an empty file, and one with exponential aliases, are refused', () => {
  expect(mistakes('')).toEqual(['f:1:1: the file is empty; it needs at least "clusters"'])
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n${good}`
  expect(mistakes(bomb).join('\n')).toMatch(/alias/i)
})

test('T38 permissive settings get warnings', () => {
  const wide = `clusters: [{ name: dev }]
shell: { image: { repo: a, version: b } }
capabilitySets:
  all: { tools: ['*'], capabilities: [ALL], host: { filesystem: read-write }, effect: write }
grants: [{ to: ['*'], sets: [all], on: [{ nodes: '*' }], until: 2020-01-01T00:00:00Z }]
`
  const loaded = expectValid(parseConfig(wide, {}, names))
  expect(loaded.warnings.map(({ message }) => message)).toEqual([
    expect.stringContaining("lets people write to the node's disk without approval"),
    expect.stringContaining("can reach the cloud's metadata service, which gives out the node's credentials"),
    expect.stringContaining('gives ALL: that is root on the node'),
    expect.stringContaining('this grant applies to everybody'),
    expect.stringContaining('this grant has already ended'),
  ])
})

test.each([
  ['tools: [ss, cat], capabilities: [SYS_PTRACE], host: { pid: true }', true],
  ['tools: [lsof, grep], capabilities: [ALL], host: { pid: true }', true],
  ["tools: ['*'], capabilities: [SYS_PTRACE], host: { pid: true }", true],
  ['tools: [ss, lsof], capabilities: [SYS_PTRACE], host: { pid: true }', false],
  ['tools: [ss, cat], capabilities: [SYS_PTRACE]', false],
  ['tools: [ss, cat], host: { pid: true }', false],
])('T45 a set with { %s } is warned of as a way into every container: %s', (set, isWarned) => {
  const loaded = expectValid(
    parseConfig(
      `clusters: [{ name: dev }]\nshell: { image: { repo: a, version: b } }\ncapabilitySets: { x: { ${set} } }\n`,
      {},
      names,
    ),
  )
  expect(loaded.warnings.some(({ message }) => message.includes('/proc/PID/root'))).toBe(isWarned)
})

test('T45 a set may name uploads, and files of processes', () => {
  const text =
    'tools: [cat, nc, upload, cat /proc/PID], host: { filesystem: read-only, pid: true }, deny: [169.254.169.254]'
  const loaded = parseConfig(
    `clusters: [{ name: dev }]\nshell: { image: { repo: a, version: b } }\ncapabilitySets: { x: { ${text} } }\n`,
    {},
    names,
  )
  expect(loaded).toMatchObject({ warnings: [], config: {} })
})

test('the environment overrides image and Redis, and is the only source of secrets', () => {
  const env = {
    RETINA_SHELL_IMAGE_REPO: 'b.io/shell',
    RETINA_SHELL_IMAGE_VERSION: 'v2',
    REDIS_URL: 'redis://elsewhere:1',
    SLACK_BOT_TOKEN: 'xoxb-1',
  }
  const loaded = parseConfig(good, env, names)
  expect(loaded).toMatchObject({
    config: {
      shell: { image: { repo: 'b.io/shell', version: 'v2' } },
      redis: { url: 'redis://elsewhere:1' },
      secrets: { slackBotToken: 'xoxb-1' },
    },
  })
})

test('a second seal key is accepted beside the one that signs, never instead of it', () => {
  const [one, other] = ['a'.repeat(32), 'b'.repeat(32)]
  const keysOf = (env: Record<string, string>) => {
    const loaded = parseConfig(good, env, names)
    return 'mistakes' in loaded ? loaded.mistakes.map(({ message }) => message) : loaded.config.secrets.sealKeys
  }
  expect(keysOf({})).toBeUndefined()
  expect(keysOf({ RETINA_SEAL_KEY: one })).toEqual([one])
  expect(keysOf({ RETINA_SEAL_KEY: one, RETINA_SEAL_KEY_ALSO: `${other}, ${one}` })).toEqual([one, other])
  expect(keysOf({ RETINA_SEAL_KEY_ALSO: other })).toEqual([
    'RETINA_SEAL_KEY_ALSO is set without RETINA_SEAL_KEY, which signs; set both',
  ])
  expect(keysOf({ RETINA_SEAL_KEY: one, RETINA_SEAL_KEY_ALSO: 'short' })).toEqual([
    'RETINA_SEAL_KEY, and each key of RETINA_SEAL_KEY_ALSO, must have at least 32 characters',
  ])
})

test.each([
  [
    'confirm',
    'http://chatops.example.com',
    /^f:\d+:\d+: .*must begin with https: browsers give passkeys to no page over plain http/,
  ],
  ['terminal', 'http://chatops.example.com', /must begin with https: browsers give the keys of shells to no page/],
  ['terminal', 'http://localhost.example.com', /must begin with https/],
  ['confirm', 'http://10.0.0.1:8080', /must begin with https/],
])('%s: { url: %s } is refused, with the reason', (key, url, reason) => {
  expect(mistakes(`${good}\n${key}: { url: '${url}' }\n`)).toEqual([expect.stringMatching(reason)])
})

test.each(['https://chatops.example.com/', 'http://localhost:8080', 'http://127.0.0.1:8080', 'http://[::1]:8080'])(
  'pages for passkeys and shells may be at %s',
  (url) => {
    const { config } = expectValid(
      parseConfig(`${good}\nconfirm: { url: '${url}' }\nterminal: { url: '${url}' }\n`, {}, names),
    )
    const expected = { url: url.replace(/\/$/, '') }
    expect(config).toMatchObject({ confirm: expected, terminal: expected })
  },
)
