import { expect, test } from '@jest/globals'
import type { Check, Facts, Playbook } from '#core/triage/playbook'
import { playbookNames, playbooks } from '#src/app/playbooks'
import { judgeChecks, runsOn, type TriageTarget } from '#src/bot/triage/authorize-checks'
import { parsePlaybook } from '#src/playbooks/load'
import { openTriages } from '#test/samples/triage'

const node = (change: Partial<TriageTarget> = {}): TriageTarget => ({
  target: { kind: 'node', cluster: 'dev', name: 'node001' },
  facts: { uid: 'uid-node001', node: 'node001', os: 'linux', labels: {}, namespaceLabels: {} },
  known: {},
  shownAs: 'node/node001',
  ...change,
})
const pod = (change: Partial<TriageTarget> = {}) =>
  node({
    target: { kind: 'pod', cluster: 'dev', namespace: 'shop', name: 'front-b' },
    shownAs: '-n shop pod/front-b',
    ...change,
  })

const of = (name: string): Playbook => {
  const found = playbooks.get(name)
  if (found === undefined) throw new Error(name)
  return found
}

/** Returns a playbook with one check of these lines. */
function own(...lines: readonly string[]): Playbook {
  const text = [
    'playbook: mine',
    'title: Mine',
    'for: node',
    'checks:',
    '  one:',
    '    title: one',
    ...lines.map((line) => `    ${line}`),
  ].join('\n')
  const loaded = parsePlaybook(text, playbookNames)
  if ('mistakes' in loaded) throw new Error(JSON.stringify(loaded.mistakes))
  return loaded.playbook
}

async function judge(user: string, on: TriageTarget, given: readonly Playbook[]) {
  const all = openTriages()
  const { ctx } = all.typed(user, 'triage node001', { id: 't1' })
  return judgeChecks(all.bot, ctx, all.bot.rules(), on, given)
}

test('the commands of all checks that a set covers are one request, with the set’s own deadline at most', async () => {
  const { allowed, uncovered } = await judge('alice', node(), [of('node-network')])
  expect(allowed).toHaveLength(1)
  const [{ request, decision }] = allowed as [(typeof allowed)[number]]
  expect(decision.set).toBe('triage')
  expect(request.batch?.steps).toHaveLength(request.pipeline.length)
  // Counters are read a second time.
  const again = request.batch?.steps.filter(({ later }) => later === true).map(({ check }) => check)
  expect(new Set(again)).toEqual(
    new Set([
      'rp-filter',
      'nic-errors',
      'neighbour-failed',
      'nic-drops',
      'conntrack-drops',
      'listen-overflow',
      'retransmits',
      'syn-timeouts',
      'udp-errors',
    ]),
  )
  expect(request.batch?.againAfter).toBe(5)
  expect(uncovered.map(({ check }) => check)).toContain('softirq-cpu')
})

test('what no set of the person covers is named, with the set that would', async () => {
  const { allowed, uncovered } = await judge('bob', node(), [of('node-network')])
  expect(allowed.map(({ decision }) => decision.set)).toEqual(['probe'])
  expect(uncovered).toContainEqual({ check: 'ip-forward', sets: ['triage'] })
  expect(uncovered).toContainEqual({ check: 'softirq-cpu', sets: [] })
  expect((await judge('dave', node(), [of('node-network')])).allowed).toEqual([])
})

test('a check runs once, though two playbooks have it', async () => {
  const once = await judge('alice', node(), [of('dns')])
  const twice = await judge('alice', node(), [of('dns'), { ...of('dns'), name: 'again' }])
  expect(twice.allowed[0]?.request.pipeline).toEqual(once.allowed[0]?.request.pipeline)
})

test('a fact becomes a word; a check without its fact is not looked at; one that repeats has at most ten', async () => {
  const api = own(
    'run: [[curl, -sS, { fact: apiServer, as: "https://", end: /readyz }]]',
    'read: { tool: true, value: status }',
    'warn: { above: 0 }',
  )
  const known: Facts = {
    apiServer: ['10.0.0.1:6443'],
    peers: Array.from({ length: 15 }, (_none, at) => `10.0.0.${at}`),
  }
  const { allowed } = await judge('alice', node({ known }), [api])
  expect(allowed[0]?.request.pipeline.map(({ given }) => given)).toEqual([
    ['curl', '-sS', 'https://10.0.0.1:6443/readyz'],
  ])
  expect(await judge('alice', node(), [api])).toMatchObject({
    allowed: [],
    known: [{ check: 'one', status: 'unknown', said: 'apiServer is not known' }],
  })
  const each = own(
    'each: peers',
    'run: [[ping, -c, 1, { fact: each }]]',
    'read: { tool: true, value: received }',
    'warn: { below: 1 }',
  )
  expect((await judge('alice', node({ known }), [each])).allowed[0]?.request.pipeline).toHaveLength(10)
})

test('a fact of the cluster stays one word, whatever it holds', async () => {
  const check = own(
    'run: [[ping, -c, 1, { fact: podIp }]]',
    'read: { tool: true, value: received }',
    'warn: { below: 1 }',
  )
  const hostile = '192.0.2.1 ; rm -rf / | $(id)'
  const { allowed } = await judge('alice', node({ known: { podIp: [hostile] } }), [check])
  const words = allowed.flatMap(({ request }) => request.pipeline.map(({ given }) => given.at(-1)))
  expect(words.filter((word) => word !== hostile)).toEqual([])
})

const service = { namespace: 'shop', name: 'front', object: pod() }
const check = (where: Check['where'], api?: Check['api']) => ({ where, ...(api === undefined ? {} : { api }) })

test.each([
  ['a node’s on a node', 'node', check('target'), node(), true],
  ['a node’s on a pod', 'node', check('target'), pod(), false],
  ['a node’s on the node of a pod', 'node', check('target'), node({ ofPod: true }), true],
  ['a pod’s on a pod', 'pod', check('target'), pod(), true],
  ['a pod’s on the node of a pod', 'pod', check('target'), node({ ofPod: true }), false],
  ['a pod’s for the node, on the node of a pod', 'pod', check('node'), node({ ofPod: true }), true],
  ['a pod’s for pods alone, on a node', 'pod', check('pod'), node(), false],
  ['a Service’s on a pod', 'service', check('target'), pod(), false],
  ['a Service’s on a Service, from a pod', 'service', check('target'), pod({ service }), true],
  ['a Service’s on a Service, from a node', 'service', check('target'), node({ service }), true],
  ['a pod’s on a Service, from a pod', 'pod', check('target'), pod({ service }), true],
  ['a pod’s on a Service, from a node', 'pod', check('target'), node({ service }), false],
  ['a Service’s where nothing can be run', 'service', check('target'), pod({ service, unreachable: true }), false],
  [
    'a Service’s objects where nothing can be run',
    'service',
    check('target', 'endpoints'),
    pod({ service, unreachable: true }),
    true,
  ],
  [
    'a pod’s objects where nothing can be run',
    'pod',
    check('target', 'policies'),
    pod({ service, unreachable: true }),
    false,
  ],
] as const)('a check of %s: %s %s', (_what, kind, given, on, expected) => {
  expect(runsOn({ for: kind }, given, on)).toBe(expected)
})
