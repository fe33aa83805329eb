import { expect, test } from '@jest/globals'
import type { Policy } from '#core/policy/policy'
import { type DebugDefaults, toDebugSpec } from '#core/runs/debug-spec'
import type { Run } from '#core/runs/run'
import { defaultTiming } from '#core/util/default-timings'
import { reauthorizeRun } from '#src/worker/runs/reauthorize'
import { sampleRequest, sampleRun } from '#test/samples/run'

const at = '2026-11-23T03:00:10.000Z'
const rule = { from: ['group:leads'], quorum: 1, within: 900, reason: 'optional' as const }
const policy: Policy = {
  sets: [
    {
      name: 'probe',
      tools: ['*'],
      capabilities: [],
      host: { filesystem: 'none', pid: false },
      effect: 'read',
      ...{ unconfined: [], images: [], maxDeadline: 60, deny: [] },
      approval: rule,
    },
  ],
  grants: [
    {
      id: 'grants[0]',
      to: ['carol@example.com'],
      sets: ['probe'],
      on: [{ kind: 'node', cluster: 'dev', nodes: { names: ['*'] } }],
    },
  ],
}
const defaults: DebugDefaults = {
  ...{ image: 'retina-chatops/shell:dev', startTimeout: 30, deadline: 60, maxOutputBytes: 1_048_576 },
  ...{ masked: [], namespace: 'retina-chatops' },
}
const groups: Readonly<Record<string, string[]>> = { carol: ['group:netops'], bob: ['group:leads'] }
const hash = (value: unknown) => JSON.stringify(value)
const unused = () => {
  throw new Error('not used')
}

const context: Parameters<typeof reauthorizeRun>[0] = {
  now: () => new Date(at),
  directory: {
    async person({ user }) {
      const name = user.replace('@example.com', '')
      return { id: `${name}@example.com`, name, groups: groups[name] ?? [] }
    },
  },
  clusters: new Map(),
  rules: () => ({ policy, defaults, sessionIdleTimes: { nodes: 0, pods: 0 }, redact: [] }),
  resolveDestinations: async (destinations) => [...destinations],
  store: new Proxy({} as never, { get: unused }),
  hash,
  timing: defaultTiming,
}

function approvedRun(change: (run: Run) => Partial<Run> = () => ({})): Run {
  const request = sampleRequest({ at })
  const spec = toDebugSpec(request, defaults, 60)
  const bob = { id: 'bob@example.com', name: 'Bob' }
  const approval = {
    ...{ specHash: hash(spec), rule, requester: request.by.id, expiresAt: '2026-11-23T03:15:00.000Z', cards: [] },
    reviews: [
      {
        by: bob,
        account: { platform: 'console' as const, team: 'local', user: bob.id },
        ...{ verdict: 'approve' as const, at, as: ['group:leads'] },
      },
    ],
  }
  const run = sampleRun({ request, spec, approval, queuedAt: at })
  return { ...run, ...change(run) }
}

test('an approved run of a person who still has the rights is run', async () => {
  expect(await reauthorizeRun(context, approvedRun())).toEqual({ ok: true })
})

test('T15 an approval for another spec doesn’t count, even in a run whose signature is valid', async () => {
  const run = approvedRun(({ approval, spec }) =>
    approval === undefined ? {} : { approval: { ...approval, specHash: hash({ ...spec, user: 'root' }) } },
  )
  expect(await reauthorizeRun(context, run)).toMatchObject({
    end: { reason: 'refused', message: expect.stringContaining('requires approval') },
  })
})

test('T20 a spec that is not what the request gives is not run, even if it was approved', async () => {
  const run = approvedRun(({ spec, approval }) => {
    const other = { ...spec, host: { filesystem: 'read-write' as const, pid: true } }
    return approval === undefined ? {} : { spec: other, approval: { ...approval, specHash: hash(other) } }
  })
  expect(await reauthorizeRun(context, run)).toMatchObject({
    end: { reason: 'refused', message: 'what would run is not what the request and the configuration say' },
  })
})
