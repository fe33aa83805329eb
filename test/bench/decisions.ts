import { authorize } from '#core/policy/authorize'
import type { Policy } from '#core/policy/policy'
import { knownNames } from '#src/app/policy-file'
import { parse } from '#src/command/parse'
import { plan } from '#src/command/plan'
import { parseConfig } from '#src/config/load'
import { catalogue } from '#src/tools/index'
import { expectValid } from '#test/config/expect-valid'
import { sampleRequest } from '#test/samples/run'
import { figuresOf } from './figures.ts'
import type { Measure } from './measure.ts'

const now = '2026-11-24T03:00:00.000Z'
const grantCount = 500
const decisionCount = 10_000

/** Returns a policy of 20 sets and 500 grants. Only the last grant applies to the requests, so that all have to be evaluated. */
function largePolicy(): Policy {
  const sets = Array.from(
    { length: 20 },
    (_each, at) => `  set${at}: { tools: [ping, dig], deny: [169.254.169.254, 10.${at}.0.0/16] }`,
  )
  const lines = Array.from({ length: grantCount }, (_each, at) => {
    const target = at % 2 === 0 ? `{ nodes: 'pool=p${at % 50}' }` : `{ namespaces: 'team-${at}-*' }`
    return `  - { to: ['slack:usergroup/S${at}', carol@example.com], sets: [set${at % 20}], on: [${target}], in: ['slack:channel/C${at}*'] }`
  })
  const text = [
    'clusters: [{ name: dev }]',
    'shell: { image: { repo: a.io/shell, version: v1 } }',
    'capabilitySets:',
    ...sets,
    '  last: { tools: [iptables], capabilities: [NET_ADMIN, NET_RAW] }',
    'grants:',
    ...lines,
    "  - { to: [carol@example.com], sets: [last], on: [{ nodes: '*' }] }",
  ].join('\n')
  return expectValid(parseConfig(text, {}, knownNames())).config.policy
}

const texts = ['shell node001 iptables -nvL', 'shell node001 dig example.com', 'shell node001 curl http://10.1.2.3/']

/** Measures each of 10,000 decisions against 500 grants. Peer: serializing and parsing the same requests as JSON. */
export async function benchDecisions(): Promise<Measure> {
  const policy = largePolicy()
  const requests = texts.map((text) => {
    const command = parse({ text }, catalogue)
    if (command.verb !== 'shell') throw new Error(text)
    const planned = plan(command, catalogue, { repo: 'a.io/shell', version: 'v1' })
    if ('verb' in planned) throw new Error(planned.message)
    return sampleRequest({ ...planned, target: { ...command.target, cluster: 'dev' } })
  })
  const own: number[] = []
  const peer: number[] = []
  const effects = new Set<string>()
  for (let at = 0; at < decisionCount; at++) {
    const request = requests[at % requests.length]
    if (request === undefined) throw new Error('no request')
    const begun = performance.now()
    effects.add(authorize(request, policy, now).effect)
    const between = performance.now()
    effects.add(typeof JSON.parse(JSON.stringify(request)))
    peer.push(performance.now() - between)
    own.push(between - begun)
  }
  if (!effects.has('allow') || !effects.has('deny'))
    throw new Error('the benchmark must have both allowed and denied requests')
  return {
    name: `one decision against ${grantCount} grants`,
    own: figuresOf(own),
    peers: [{ what: 'the same request to JSON and back', figures: figuresOf(peer) }],
  }
}
