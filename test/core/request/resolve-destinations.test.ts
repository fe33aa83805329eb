import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { authorize } from '#core/policy/authorize'
import type { Decision } from '#core/policy/policy'
import { resolveDestinations, toDestinationRule } from '#core/request/resolve-destinations'
import { knownNames } from '#src/app/policy-file'
import { parse } from '#src/command/parse'
import { plan } from '#src/command/plan'
import { parseConfig } from '#src/config/load'
import { catalogue } from '#src/tools/index'
import { expectValid } from '#test/config/expect-valid'

const now = '2026-11-24T03:00:00.000Z'
const { config } = expectValid(
  parseConfig(
    `
clusters: [{ name: dev }]
shell: { image: { repo: a.io/shell, version: v1 } }
deny: ['fd00:ec2::254', 'metadata.google.internal', '*.metadata.example']
capabilitySets:
  wide: { tools: ['*', 'curl -x', 'curl -o', 'nmap RANGE'], capabilities: [NET_RAW, NET_ADMIN, SYS_CHROOT], host: { filesystem: read-only, pid: true }, effect: write, deny: [169.254.169.254, 10.96.0.0/12, 127.0.0.0/8] }
grants: [{ to: [alice@example.com], sets: [wide], on: [{ nodes: '*' }] }]
`,
    {},
    { ...knownNames(), now: new Date(now) },
  ),
)

const names: Record<string, readonly string[]> = {
  'imds.attacker.example': ['93.184.216.34', '169.254.169.254'],
  'six.attacker.example': ['::ffff:169.254.169.254'],
  'example.com': ['93.184.216.34'],
}

async function ask(typed: string): Promise<Decision> {
  const command = parse({ text: `shell node001 ${typed}` }, catalogue)
  if (command.verb !== 'shell') throw new Error(JSON.stringify(command))
  const planned = plan(command, catalogue, config.shell.image)
  if ('verb' in planned) throw new Error(planned.message)
  const destinations = await resolveDestinations(planned.destinations, async (name) => names[name] ?? [])
  const by = { id: 'alice@example.com', name: 'Alice', groups: [] }
  const facts = { uid: 'u', node: 'node001', os: 'linux' as const, labels: {}, namespaceLabels: {} }
  const target = { kind: 'node' as const, cluster: 'dev', name: 'node001' }
  const thread = { platform: 'slack' as const, team: 'T', channel: 'C' }
  return authorize({ ...planned, destinations, by, target, facts, thread }, config.policy, now)
}

test.each([
  'curl http://169.254.169.254/latest/meta-data',
  'curl 169.254.169.254/latest',
  'curl http://2852039166/',
  'curl http://0xa9fea9fe/',
  'curl http://0xA9.0xFE.0xA9.0xFE/',
  'curl http://0251.0376.0251.0376/',
  'curl http://025177524776/',
  'curl http://169.254.43518/',
  'curl http://169.16689662/',
  'curl http://[::ffff:169.254.169.254]/',
  'curl http://[::ffff:a9fe:a9fe]/',
  'curl http://[64:ff9b::a9fe:a9fe]/',
  'curl http://[::a9fe:a9fe]/',
  'curl http://[fd00:ec2::254]/',
  'curl http://[fd00:0ec2:0:0:0:0:0:0254]:80/',
  'curl http://user:pass@169.254.169.254:80/',
  'curl http://%31%36%39.254.169.254/',
  'curl http://１６９.254.169.254/',
  'curl "http://169。254。169。254/"',
  'curl http://169.254.169.254./',
  'curl "http://169.254.169.[254-254]/"',
  'curl "http://169.254.169.{254,253}/"',
  'curl http://imds.attacker.example/',
  'curl http://six.attacker.example./',
  'curl http://METADATA.google.internal/computeMetadata/v1/',
  'curl http://x.metadata.example/',
  'curl --resolve harmless.example:80:169.254.169.254 http://harmless.example/',
  'curl --connect-to ::169.254.169.254:80 http://example.com/',
  'curl -x169.254.169.254:80 http://example.com/',
  'curl --proxy=169.254.169.254 http://example.com/',
  'curl http://localhost:10248/healthz',
  'curl http://0/',
  'curl http://0.0.0.0:10255/',
  'curl http://127.1/',
  'wget -qO- http://169.254.169.254/',
  'nc -zv 169.254.169.254 80',
  'nc -zv ::ffff:169.254.169.254 80',
  'ping 2852039166',
  'ping imds.attacker.example',
  'socat -u TCP:169.254.169.254:80,connect-timeout=3 STDOUT',
  'socat -u TCP:imds.attacker.example:80 STDOUT',
  'openssl s_client -connect 169.254.169.254:443',
  'openssl s_client -connect imds.attacker.example:443',
  'traceroute -n 10.96.0.1',
  'mtr -n 10.111.255.255',
  'nmap -p 80 169.254.0.0/16',
  'nmap 169.254.169.250-254',
  "nmap '169.254.169.*'",
  'iperf3 -c 10.96.0.1',
  'dig @169.254.169.254 example.com',
  'nslookup example.com 169.254.169.254',
  'chroot /host curl http://169.254.169.254/',
  'perl -c 169.254.169.254',
])('T12 refused: %s', async (typed) => {
  // The program resolves "localhost" too.
  names['localhost'] = ['127.0.0.1', '::1']
  expect(await ask(typed)).toMatchObject({ effect: 'deny', reason: 'destination' })
})

test.each([
  'curl -sS -o /dev/null -w %{http_code} https://example.com',
  'curl http://93.184.216.34/',
  'curl "http://[2001:db8::1]/"',
  'ping -c 5 -W 1 example.com',
  'ping -c 127 93.184.216.34',
  'nc -zv 10.95.255.255 443',
  'nc -w 5 -zv example.com 10255',
  'dig metadata.google.internal',
  'dig -x 169.254.169.254',
  'nslookup metadata.google.internal',
  'iptables -nvL',
  'systemctl status kubelet',
  'traceroute -n 10.112.0.1',
])('T12 allowed: %s', async (typed) => {
  expect(await ask(typed)).toMatchObject({ effect: 'allow' })
})

test('T12 the refusal shows the resolved address and the name of the set', async () => {
  expect(await ask('curl http://0xa9fea9fe/')).toMatchObject({
    message: 'Not allowed: "wide" does not allow connections to http://0xa9fea9fe/ (that is 169.254.169.254).',
  })
})

test('T12 an address in the denied network is refused in any notation and any surrounding text', async () => {
  const octet = fc.integer({ min: 0, max: 255 })
  const part = (value: number, base: number) =>
    base === 0 ? String(value) : base === 1 ? `0x${value.toString(16)}` : `0${value.toString(8)}`
  const around = fc.constantFrom(
    'ping X',
    'curl http://X/',
    'curl http://X:8080/a?b=c',
    'curl http://u:p@X/',
    'nc -zv X 80',
    'curl -x X:1 http://example.com/',
  )
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(fc.integer({ min: 96, max: 111 }), octet, octet),
      fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 4, maxLength: 4 }),
      fc.integer({ min: 1, max: 4 }),
      around,
      async ([second, third, fourth], bases, length, typed) => {
        const bytes = [10, second, third, fourth]
        const last = bytes.slice(length - 1).reduce((sum, byte) => sum * 256 + byte, 0)
        const parts = [...bytes.slice(0, length - 1), last].map((value, at) => part(value, bases[at] ?? 0))
        expect(await ask(typed.replace('X', parts.join('.')))).toMatchObject({ reason: 'destination' })
      },
    ),
    { numRuns: 300 },
  )
})

test.each(['10.0.0.0/33', '::/129', 'a b', 'http://x/', '', '10.0.0.0/x', '-'])('no destination: %s', (word) => {
  expect(toDestinationRule(word)).toBeUndefined()
})

test.each(['0.0.0.0/0', '::/0', '*', '*.internal', 'a_b.example', '10.1.2.3', 'fe80::1'])(
  'a destination: %s',
  (word) => {
    expect(toDestinationRule(word)).toMatchObject({ text: word })
  },
)
