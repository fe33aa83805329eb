import { expect, test } from '@jest/globals'
import type { DebugRun } from '#core/ports/cluster'
import { findRefusedSets } from '#src/app/find-refused-sets'
import { openContexts } from '#test/samples/contexts'

const policy = `
capabilitySets:
  probe: { tools: [ping] }
  plain-shell: { terminal: shell, maxSession: 10m }
  both: { tools: [ping], maxDeadline: 2m, terminal: shell }
grants: [{ to: [alice@example.com], sets: [probe, plain-shell, both], on: [{ nodes: '*' }] }]`
const { bot } = openContexts({ policy })

/** Dry runs of a cluster whose admission policy has no shells. */
async function withoutShells({ session }: DebugRun) {
  return session === undefined
    ? { ok: true as const }
    : { ok: false as const, problem: 'the cluster refused it: retina-chatops: the container does not start so' }
}

test('sets that give shells are asked about as sessions, and as runs where they give tools too', async () => {
  const asked: unknown[] = []
  const dryRun = async ({ session, spec }: DebugRun) => {
    asked.push(session ?? spec.deadline)
    return { ok: true as const }
  }
  expect(await findRefusedSets({ dryRun }, bot.rules())).toEqual([])
  expect(asked).toEqual([300, { maxSeconds: 660 }, 120, { maxSeconds: 3_660 }])
})

test('an admission policy that was made before there were shells is told, a line for each set', async () => {
  expect(await findRefusedSets({ dryRun: withoutShells }, bot.rules())).toEqual([
    '"plain-shell" (the container does not start so)',
    '"both" (the container does not start so)',
  ])
})
