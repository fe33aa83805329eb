import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { demoConfigText } from '#dev/demo/config-text'
import { knownNames } from '#src/app/policy-file'
import { askerOf, evaluate } from '#src/cli/decide-by-policy'
import { parseConfig } from '#src/config/load'
import { catalogue } from '#src/tools/index'
import { expectValid } from '#test/config/expect-valid'
import { ordinaryLines } from '#test/redteam/ordinary-lines'

const text = readFileSync(join(import.meta.dirname, '../../deploy/starter-policy.yaml'), 'utf8')
const everything = `
clusters: [{ name: dev }]
shell: { image: { repo: localhost/shell, version: dev } }
groups: { leads: [lead@example.com, second@example.com] }
grants:
  - { to: [reader@example.com], sets: [probe, netfilter, host-read, triage], on: [{ nodes: '*' }, { namespaces: '*' }] }
  - { to: ['group:leads'], sets: [host-write], on: [{ nodes: '*' }] }
`
const loaded = expectValid(parseConfig(`${everything}${text}`, {}, knownNames()))
const { config } = loaded

/** Tools of which nothing is known to be reading: they stand in host-write alone. */
const onlyChanging = ['crictl', 'bpftool', 'bpftrace']

const readingSets = config.policy.sets.filter(({ effect }) => effect === 'read')

test('the starter policy has the sets that the documents name, and causes no warning', () => {
  expect(config.policy.sets.map(({ name }) => name)).toEqual([
    'probe',
    'netfilter',
    'host-read',
    'triage',
    'plain-shell',
    'net-shell',
    'host-shell',
    'host-write',
  ])
  expect(loaded.warnings).toEqual([])
})

test('no tool of the catalogue is missing: each is in a reading set, or only changes', () => {
  const named = new Set(readingSets.flatMap(({ tools }) => tools))
  expect(catalogue.names.filter((name) => !named.has(name))).toEqual(expect.arrayContaining(onlyChanging))
  expect(catalogue.names.filter((name) => !named.has(name) && !onlyChanging.includes(name))).toEqual([])
  expect(config.policy.sets.find(({ name }) => name === 'host-write')?.tools).toEqual(['*'])
})

test('only host-write and two shells change anything, and they need approval', () => {
  expect(
    config.policy.sets.filter(({ effect }) => effect === 'write').map(({ name, approval }) => [name, approval?.reason]),
  ).toEqual([
    ['net-shell', 'required'],
    ['host-shell', 'required'],
    ['host-write', 'required'],
  ])
})

const judge = (as: string, line: string) => {
  const flags = as.startsWith('lead') ? '--reason "a test" ' : ''
  const asker = askerOf({ as, groups: [], channel: undefined, platform: undefined, labels: undefined }, config)
  const judged = evaluate(config, [`shell ${flags}node001 ${line}`], asker, new Date('2026-11-28T00:00:00Z'))
  if ('verb' in judged) return judged.message
  const { decision } = judged
  return decision.effect === 'deny' ? `${decision.reason}: ${decision.message}` : `${decision.effect} ${decision.set}`
}

test.each([
  ['ss -s', 'allow probe'],
  ['ip addr', 'allow probe'],
  ['mtr example.org', 'allow probe'],
  ['iptables -nvL', 'allow netfilter'],
  ['conntrack -L', 'allow netfilter'],
  ['tcpdump -ni eth0 -c 10', 'allow netfilter'],
  ['systemctl status kubelet', 'allow host-read'],
  ['cat /host/etc/resolv.conf', 'allow host-read'],
  ['ss -tlnp', 'allow triage'],
  ['lsof -i', 'allow triage'],
  ['curl http://169.254.169.254/', 'destination: '],
  ['iptables -F', 'effect: '],
  ['systemctl restart kubelet', 'effect: '],
])('reading sets and `%s`: %s', (line, expected) => {
  expect(judge('reader@example.com', line)).toMatch(new RegExp(`^${expected}`))
})

test.each(['iptables -F', 'crictl ps', 'bpftool prog show', 'bpftrace -l', 'systemctl restart kubelet'])(
  'host-write asks for `%s`',
  (line) => {
    expect(judge('lead@example.com', line)).toBe('ask host-write')
  },
)

/** Ordinary lines that no reading set covers, and why: by `deny`, and because nothing of these tools is known to read. */
const exceptions = /^(curl --resolve|bpftool|bpftrace) /

test('the reading sets cover what on-call people ordinarily type, but for one option and two tools', () => {
  const lines = ordinaryLines.filter((each) => each.expect === 'allow' && each.on === 'node').map(({ line }) => line)
  const refused = lines.filter((line) => !judge('reader@example.com', line).startsWith('allow'))
  expect(refused.filter((line) => !exceptions.test(line))).toEqual([])
  expect(refused.length).toBeLessThan(lines.length / 10)
})

test('the demo has the sets of the starter policy', () => {
  const own = parse(text) as { capabilitySets: object; deny: string[] }
  expect(parse(demoConfigText())).toMatchObject({ capabilitySets: own.capabilitySets, deny: own.deny })
})
