import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { authorize } from '#core/policy/authorize'
import type { CapabilitySet, Policy } from '#core/policy/policy'
import { capabilityNames, toCapability } from '#core/request/capability'
import type { ToolRequest } from '#core/request/request'
import { type DebugSpec, toDebugSpec } from '#core/runs/debug-spec'
import { parse } from '#src/command/parse'
import { plan } from '#src/command/plan'
import { catalogue } from '#src/tools/index'
import { sampleRequest } from '#test/samples/run'

const now = '2026-11-24T03:00:00.000Z'
const defaults = {
  image: 'a.io/shell:v1',
  namespace: 'n',
  startTimeout: 30,
  deadline: 60,
  maxOutputBytes: 1_000,
  masked: ['/run/containerd'],
}

const capability = fc.constantFrom(
  ...capabilityNames.map((name) => toCapability(name)).filter((each) => each !== undefined),
)
const toolName = fc.constantFrom('*', ...catalogue.names, 'curl -o', 'nc -e', 'ip -batch')

const set = fc.record({
  name: fc.constantFrom('a', 'b', 'c'),
  tools: fc.uniqueArray(toolName, { minLength: 1, maxLength: 6 }),
  capabilities: fc.uniqueArray(capability, { maxLength: 4 }),
  host: fc.record({
    filesystem: fc.constantFrom('none' as const, 'read-only' as const, 'read-write' as const),
    pid: fc.boolean(),
  }),
  effect: fc.constantFrom('read' as const, 'write' as const),
  unconfined: fc.subarray(['apparmor' as const, 'seccomp' as const]),
  images: fc.subarray(['evil.io/*']),
  maxDeadline: fc.constantFrom(10, 60, 600),
  deny: fc.constantFrom([], [{ text: '10.0.0.1', bits: '4:00001010000000000000000000000001' }]),
})

const policy: fc.Arbitrary<Policy> = fc.record({
  sets: fc.uniqueArray(set, { maxLength: 3, selector: ({ name }) => name }),
  grants: fc.array(
    fc.record({
      id: fc.constant('grants[0]'),
      to: fc.subarray(['carol@example.com', 'group:netops', 'eve@example.com'], { minLength: 1 }),
      sets: fc.subarray(['a', 'b', 'c'], { minLength: 1 }),
      on: fc.constantFrom(
        [{ kind: 'node' as const, cluster: 'dev', nodes: { names: ['node*'] } }],
        [{ kind: 'pod' as const, cluster: '*', namespaces: { names: ['shop'] } }],
      ),
    }),
    { maxLength: 3 },
  ),
})

const flags = [
  '-c NET_ADMIN',
  '-c ALL',
  '-c SYS_ADMIN,NET_RAW',
  '-m',
  '-w',
  '--host-pid',
  '--seccomp-unconfined',
  '--apparmor-unconfined',
]
const more = [
  '--deadline 5m',
  '--retina-shell-image-repo evil.io/x',
  '--break-glass',
  '--reason x',
  '--',
  '—',
  '"',
  "'",
  '`',
]
const fragments = [
  '|',
  ';',
  '&&',
  '> /host/x',
  '$(id)',
  '\n',
  '\u0000',
  '“',
  '-o',
  '/host/etc/shadow',
  '10.0.0.1',
  '0xa000001',
  '-e',
  'sh',
  'file:///x',
]
const word = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...catalogue.names) },
  { weight: 3, arbitrary: fc.constantFrom(...flags, ...more, ...fragments) },
  { weight: 3, arbitrary: fc.constantFrom(...catalogue.names.flatMap((name) => catalogue.tool(name)?.examples ?? [])) },
  { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
)
const typed = fc
  .tuple(
    fc.constantFrom('node001', 'pod/web-1 -n shop', 'node/node001'),
    fc.array(word, { minLength: 1, maxLength: 7 }),
  )
  .map(([target, argv]) => `shell ${target} ${argv.join(' ')}`)

const strength = { none: 0, 'read-only': 1, 'read-write': 2 }

/** Returns what a set allows: a second implementation of the rules in `covers.ts`. */
function allows(set: CapabilitySet, request: ToolRequest, spec: DebugSpec): boolean {
  const tools = request.pipeline.flatMap((stage) => [...stage.tools, ...stage.special.map(({ name }) => name)])
  const plain = request.pipeline.flatMap((stage) => stage.tools)
  const named = tools.every((tool) => set.tools.includes(tool) || (set.tools.includes('*') && plain.includes(tool)))
  const caps = spec.capabilities.every(
    (each) => set.capabilities.includes(each) || (set.capabilities.includes('ALL') && each !== 'SYS_ADMIN'),
  )
  const host = strength[spec.host.filesystem] <= strength[set.host.filesystem] && (set.host.pid || !spec.host.pid)
  const changes = set.effect === 'write' || (request.needs.effect === 'read' && spec.host.filesystem !== 'read-write')
  const confined = (['apparmor', 'seccomp'] as const).every(
    (each) => spec.confinement[each] === 'default' || set.unconfined.includes(each),
  )
  const image = spec.image === defaults.image || set.images.includes('evil.io/*')
  // Only tools that take a host in any argument; options for name servers and the like have a test of their own.
  const anywhere = (tool: string) => catalogue.tool(tool)?.reaches?.(['x', '10.0.0.1']).includes('10.0.0.1') === true
  const reach = set.deny.length === 0 || !spec.pipeline.flat().includes('10.0.0.1') || !plain.some(anywhere)
  return named && caps && host && changes && confined && image && reach && spec.deadline <= set.maxDeadline
}

test('T07 T08 for any command and any policy, nothing throws, and an allowed command is covered by one granted set', () => {
  let allowed = 0
  fc.assert(
    fc.property(policy, typed, (rules, text) => {
      const command = parse({ text }, catalogue)
      if (command.verb !== 'shell' || command.pipeline.length === 0) return
      const planned = plan(command, catalogue, { repo: 'a.io/shell', version: 'v1' })
      if ('verb' in planned) return
      const { deadline } = command.flags
      const target = { ...command.target, cluster: 'dev' }
      const request = sampleRequest({ ...planned, target, ...(deadline === undefined ? {} : { deadline }) })
      const decision = authorize(request, rules, now)
      if (decision.effect === 'deny') return
      allowed++
      const spec = toDebugSpec(request, defaults, decision.maxDeadline)
      const applicable = rules.grants.filter(
        ({ to, on }) => to.some((each) => each !== 'eve@example.com') && on[0]?.kind === target.kind,
      )
      const sets = rules.sets.filter(({ name }) => applicable.some((grant) => grant.sets.includes(name)))
      expect(sets.some((each) => each.name === decision.set && allows(each, request, spec))).toBe(true)
    }),
    { numRuns: 20_000 },
  )
  // If nothing were ever allowed, the property would prove nothing.
  expect(allowed).toBeGreaterThan(50)
})

test('a request with further flags is allowed only if the set covers all of them', () => {
  fc.assert(
    fc.property(
      set,
      fc.constantFrom(...flags),
      fc.constantFrom('dig example.com', 'iptables -nvL', 'cat /host/etc/hosts'),
      (one, flag, tool) => {
        const ask = (text: string) => {
          const command = parse({ text }, catalogue)
          if (command.verb !== 'shell') throw new Error(text)
          const planned = plan(command, catalogue, { repo: 'a.io/shell', version: 'v1' })
          if ('verb' in planned) return 'misunderstood'
          const rules: Policy = {
            sets: [one],
            grants: [
              { id: 'g', to: ['*'], sets: [one.name], on: [{ kind: 'node', cluster: '*', nodes: { names: ['*'] } }] },
            ],
          }
          const request = sampleRequest({ ...planned, target: { ...command.target, cluster: 'dev' } })
          const decision = authorize(request, rules, now)
          return decision.effect === 'deny'
            ? 'deny'
            : allows(one, request, toDebugSpec(request, defaults, decision.maxDeadline))
        }
        expect(['deny', 'misunderstood', true]).toContain(ask(`shell ${flag} node001 ${tool}`))
      },
    ),
    { numRuns: 3_000 },
  )
})
