import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parse } from '#src/command/parse'
import { catalogue } from '#src/tools/index'

const read = (text: string, entities = false) => parse({ text, entities }, catalogue)

/** Returns a `shell` command in short: target, then the stages. */
function shell(text: string, entities = false): string {
  const command = read(text, entities)
  if (command.verb !== 'shell') return JSON.stringify(command)
  const { target, pipeline } = command
  const where = target.kind === 'node' ? `node ${target.name}` : `pod ${target.namespace}/${target.name}`
  return `${where}: ${pipeline.map((argv) => JSON.stringify(argv)).join(' | ')}`
}

const dig = 'node node001: ["dig","example.com"]'

test.each([
  ['shell node001 dig example.com', dig],
  ['shell node/node001 dig example.com', dig],
  ['shell nodes/node001 dig example.com', dig],
  ['SHELL node001 dig example.com', dig],
  ['/retina shell node001 dig example.com', dig],
  ['@retina shell node001 dig example.com', dig],
  ['kubectl retina shell node001 dig example.com', dig],
  ['$ kubectl retina shell node001 dig example.com', dig],
  ['`shell node001 dig example.com`', dig],
  ['```\nshell node001 dig example.com\n```', dig],
  ['shell node001 -- dig example.com', dig],
  ['shell\u00a0node001\u2003dig  example.com', dig],
  ['shell node001 dig “example.com”', dig],
  ['shell node001 dig ‘example.com’', dig],
  ['shell node001 dig \u200bexample.com', dig],
  ['shell -n shop pod/web-1 ping 10.0.0.1', 'pod shop/web-1: ["ping","10.0.0.1"]'],
  ['shell pod/web-1 -n shop ping 10.0.0.1', 'pod shop/web-1: ["ping","10.0.0.1"]'],
  ['shell pods/web-1 ping 10.0.0.1', 'pod default/web-1: ["ping","10.0.0.1"]'],
  ['shell node001 iptables -nvL | head -n 2', 'node node001: ["iptables","-nvL"] | ["head","-n","2"]'],
  ['shell node001 iptables -nvL|head -n 2', 'node node001: ["iptables","-nvL"] | ["head","-n","2"]'],
  ['shell node001 iptables –nvL', 'node node001: ["iptables","-nvL"]'],
  ["shell node001 curl -w '%{http_code}' http://x", 'node node001: ["curl","-w","%{http_code}","http://x"]'],
  ['shell node001 ping -c 3 -n 10.0.0.1', 'node node001: ["ping","-c","3","-n","10.0.0.1"]'],
])('%s', (text, expected) => {
  expect(shell(text)).toBe(expected)
})

test.each([
  ['shell node001 dig <http://example.com|example.com>', dig],
  ['shell node001 curl <https://example.com/x?a=1&amp;b=2>', 'node node001: ["curl","https://example.com/x?a=1&b=2"]'],
  ['shell node001 dig &lt;x', /misunderstood.*shell-syntax/],
  ['shell node001 ping <@U123>', 'node node001: ["ping","@U123"]'],
])('in Slack’s encoding: %s', (text, expected) => {
  expect(shell(text, true)).toEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected))
})

test('flags can be before or after the target, and typographic dashes of phones are replaced', () => {
  const lines = [
    'shell -c NET_ADMIN,NET_RAW --timeout 90s --deadline 2m --host-pid -m node001 iptables -L',
    'shell node001 -c NET_ADMIN -c cap_net_raw —timeout 90s –deadline=2m -host-pid -m iptables -L',
  ]
  for (const line of lines) {
    expect(read(line)).toMatchObject({
      target: { kind: 'node', name: 'node001' },
      flags: {
        capabilities: ['NET_ADMIN', 'NET_RAW'],
        timeout: 90,
        deadline: 120,
        hostPid: true,
        mountHostFilesystem: true,
      },
      pipeline: [['iptables', '-L']],
    })
  }
  expect(read('shell -w node001 cat /host/x')).toMatchObject({
    flags: { mountHostFilesystem: true, allowHostFilesystemWrite: true },
  })
  expect(read('shell node001 --reason "disk is full" --dry-run --context prod-eu dig x')).toMatchObject({
    dryRun: true,
    target: { cluster: 'prod-eu' },
    flags: { reason: 'disk is full' },
  })
})

// T09: argv only. Shell syntax is refused or taken as one literal argument.
test.each([
  ['dig $(id)'],
  ['dig `id -u`'],
  ['dig x;reboot'],
  ['dig x && reboot'],
  ['dig x || reboot'],
  ['dig x & reboot'],
  ['dig x > /host/x'],
  ['dig x >> /host/x'],
  ['dig < /etc/shadow'],
  ['dig <(id)'],
  ['dig $HOME'],
  ['dig ${HOME}'],
  ['dig x\nreboot'],
  ['dig x\u0000y'],
  ['dig x\u001b[31m'],
  ['ls /host/*'],
  ['ls /host/{etc,var}'],
  ['dig "unclosed'],
])('T09 %j is refused with the reason', (typed) => {
  const command = read(`shell node001 ${typed}`)
  expect(command).toMatchObject({ verb: 'misunderstood' })
  expect(command).toHaveProperty('message', expect.stringMatching(/\S{3}/))
})

test.each([
  ["dig '$(id)'", '$(id)'],
  ["dig 'a;b'", 'a;b'],
  ['dig "a && b"', 'a && b'],
  ['dig a\\;b', 'a;b'],
  ["dig '`id`'", '`id`'],
  // Backticks around one word are code formatting of a chat.
  ['dig `id`', 'id'],
  ["dig 'x > y'", 'x > y'],
])('T09 %s passes %j as one literal word', (typed, word) => {
  expect(shell(`shell node001 ${typed}`)).toBe(`node node001: ${JSON.stringify(['dig', word])}`)
})

test('T09 arguments that a console has split stay as they are', () => {
  const words = ['shell', 'node001', 'dig', 'a b', '$(id)', ';', '>', 'x']
  expect(parse({ words }, catalogue)).toMatchObject({ pipeline: [['dig', 'a b', '$(id)', ';', '>', 'x']] })
})

// T13: misleading names.
test.each([
  ['shell "node001 --privileged" dig x'],
  ['shell ../node001 dig x'],
  ['shell node/../x dig x'],
  ['shell node001,foo=bar dig x'],
  ['shell node001=x dig x'],
  [`shell ${'a'.repeat(10_000)} dig x`],
  [`shell ${'a'.repeat(254)} dig x`],
  ['shell pod/web-1;reboot dig x'],
  ['shell "pod/web-1 ping" dig x'],
  ['shell -n ../kube-system pod/web-1 dig x'],
  ['shell -n a.b pod/web-1 dig x'],
  ['shell pod/web-1/exec dig x'],
  ['shell svcs/web/x dig x'],
  ['shell -n shop node001 dig x'],
  ['shell -m -n shop pod/web-1 dig x'],
  ['shell node001\u202e dig x y z | '],
])('T13 %s is refused as misunderstood', (text) => {
  expect(read(text.slice(0, 12_000))).toMatchObject({ verb: 'misunderstood' })
})

test.each([
  ['shel node001 dig x', 'shell node001 dig x'],
  ['shell node001 --timeuot 3s dig x', 'shell node001 --timeout 3s dig x'],
  ['shell node001 iptable -L', 'shell node001 iptables -L'],
  ['shell NODE001 dig x', 'shell node001 dig x'],
  ['nodse', 'nodes'],
  ['shell -n shop web-1 ping x', 'shell -n shop pod/web-1 ping x'],
])('%s: suggests %s', (text, suggestion) => {
  expect(read(text)).toMatchObject({ verb: 'misunderstood', suggestion })
})

test.each([
  ['', { verb: 'help' }],
  ['help', { verb: 'help' }],
  ['help ping', { verb: 'help', topic: 'ping' }],
  ['nodes', { verb: 'nodes' }],
  ['nodes node0*', { verb: 'nodes', pattern: 'node0*' }],
  ['pods -n shop', { verb: 'pods', namespace: 'shop' }],
  ['runs', { verb: 'runs' }],
  ['show abcdefgh2345', { verb: 'show', id: 'abcdefgh2345' }],
  ['cancel abcdefgh2345', { verb: 'cancel', id: 'abcdefgh2345' }],
  ['end abcdefgh2345', { verb: 'end', id: 'abcdefgh2345' }],
  ['rerun abcdefgh2345', { verb: 'rerun', id: 'abcdefgh2345' }],
  ['approve abcdefgh2345', { verb: 'approve', id: 'abcdefgh2345' }],
  ['deny abcdefgh2345', { verb: 'deny', id: 'abcdefgh2345' }],
  ['deny abcdefgh2345 not tonight, please', { verb: 'deny', reason: 'not tonight, please' }],
  ['whoami', { verb: 'whoami' }],
  ['version', { verb: 'version' }],
  ['shell node001', { verb: 'shell', pipeline: [] }],
  ['can-i shell node001 dig x', { verb: 'shell', dryRun: true }],
])('%j', (text, expected) => {
  expect(read(text)).toMatchObject(expected)
})

test.each(['-m', '-w', '--host-pid'])('%s on a pod is a conflict, with a suggestion', (flag) => {
  expect(read(`shell ${flag} -n shop pod/web-1 dig x`)).toMatchObject({
    verb: 'misunderstood',
    code: 'conflict',
    message: expect.stringMatching(/is for nodes; a pod has no access to its node\. Name the node instead\./),
  })
})

test('triage takes a target or a selector, and playbooks', () => {
  const on = { target: { kind: 'node', name: 'node001' } }
  expect(read('triage node001')).toEqual({ verb: 'triage', on, playbooks: [] })
  expect(read('triage node/node001 dns node-health')).toEqual({ verb: 'triage', on, playbooks: ['dns', 'node-health'] })
  const pod = { target: { kind: 'pod', namespace: 'shop', name: 'web-1' } }
  expect(read('triage -n shop pod/web-1')).toEqual({ verb: 'triage', on: pod, playbooks: [] })
  expect(read('triage -l pool=web dns')).toMatchObject({ on: { from: { kind: 'node' } }, playbooks: ['dns'] })
  for (const [text, to] of [
    ['web:80', { host: 'web', port: 80 }],
    ['web.other.svc.cluster.local:8080', { host: 'web.other.svc.cluster.local', port: 8080 }],
    ['10.0.0.7:443', { host: '10.0.0.7', port: 443 }],
    ['[fd00::1]:443', { host: 'fd00::1', port: 443 }],
  ] as const)
    expect(read(`triage -n shop pod/web-1 --to ${text} pod-connectivity`)).toEqual({
      ...{ verb: 'triage', on: pod, to },
      playbooks: ['pod-connectivity'],
    })
  const service = { kind: 'owner', namespace: 'shop', owner: { kind: 'Service', name: 'web' } }
  expect(read('triage svc/web -n shop')).toEqual({ verb: 'triage', on: { target: service }, playbooks: [] })
  expect(read('triage -n shop deploy/web --all dns')).toEqual({
    verb: 'triage',
    on: { from: { kind: 'pod', namespace: 'shop', owner: { kind: 'Deployment', name: 'web' } }, labels: [] },
    playbooks: ['dns'],
  })
  expect(read('triage --again')).toEqual({ verb: 'triage', on: 'again', playbooks: [] })
  expect(read('next abcdefgh2345 dns-cluster')).toEqual({ verb: 'next', id: 'abcdefgh2345', check: 'dns-cluster' })
})

test.each([
  ['triage', /Name what to look at/],
  ['triage node001 --again', /leave out the target/],
  ['triage node001 --to web', /takes a host and a port/],
  ['triage node001 --to web:99999', /takes a host and a port/],
  ['triage node001 --to -x:80', /--to/],
  ['triage node001 --to', /--to requires a value/],
  ['triage --again --to web:80', /leave out --to/],
  ['triage node001 --all', /--all is for what owns pods/],
  ['triage -l a=b --all', /--all is for what owns pods/],
  ['triage node001 ../etc', /not the name of a playbook/],
  ['triage node001 | head', /takes no filters/],
  ['next', /takes the ID/],
  ['next abcdefgh2345 a | b', /takes the ID/],
])('%s is misunderstood', (text, message) => {
  expect(read(text)).toMatchObject({ verb: 'misunderstood', message: expect.stringMatching(message) })
})

test('any text gives a result and never throws; every suggestion can be parsed', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.constantFrom(
      'shell',
      'node001',
      'pod/x',
      '-n',
      '--',
      '|',
      ' ',
      '\n',
      '`',
      '"',
      '—',
      '$(',
      '<',
      '>',
      '&amp;',
      '-c',
      '*',
      'dig',
    ),
  )
  const text = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(' '))
  fc.assert(
    fc.property(text, fc.boolean(), (typed, entities) => {
      const command = read(typed, entities)
      expect(typeof command.verb).toBe('string')
    }),
    { numRuns: 5_000 },
  )
})

test('T25 the mark of a hidden secret is no command: the secret itself has to be typed', () => {
  const result = parse({ text: 'shell node001 curl -u bob:[redacted: password] http://a' }, catalogue)
  expect(result).toMatchObject({ message: expect.stringContaining('Type the secret itself') })
})
