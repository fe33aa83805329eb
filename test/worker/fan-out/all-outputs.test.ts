import { expect, test } from '@jest/globals'
import { readOutcomes } from '#src/lifecycle/fan-out-outcomes'
import { allOutputs } from '#src/worker/fan-out/all-outputs'
import { openContexts } from '#test/samples/contexts'

/** Opens contexts in which the fan-out f1 on two nodes has ended. */
async function openEnded(out = (node: string) => `answer of ${node}\n`) {
  const all = openContexts({ tools: { dig: (_argv, { node }) => [{ out: out(node) }] } })
  await all.say('alice', 'shell -l pool dig x', { id: 'f1' })
  await all.work()
  await all.work()
  const fanOut = await all.store.getValue('fan-out', 'f1')
  if (fanOut === undefined || fanOut === 'broken') throw new Error('there is no fan-out')
  const write = async () => allOutputs(all.store, fanOut, await readOutcomes(all.store, 'f1'))
  return { ...all, fanOut, write }
}

test('all outputs stand under their targets’ names, with their ends and runs', async () => {
  const { write, fanOut } = await openEnded()
  const [one, other] = fanOut.members.map(({ run }) => run)
  expect(await write()).toBe(`dig x on nodes with pool

===== node/node001 · Done, exit code 0 · run ${one}
answer of node001

===== node/node002 · Done, exit code 0 · run ${other}
answer of node002
`)
})

test('an output that was changed in the store is left out, and said', async () => {
  const { write, fanOut, store } = await openEnded()
  store.changeOutput(fanOut.members[0]?.run ?? '', 'forged\n')
  const text = await write()
  expect(text).not.toContain('forged')
  expect(text).toContain('(left out: the stored output was changed by something other than this program)')
  expect(text).toContain('answer of node002')
})

test('what would make the file too large is left out, and all that follows', async () => {
  const { write, fanOut, store } = await openEnded()
  store.changeOutput(fanOut.members[0]?.run ?? '', 'x'.repeat(4_000_001))
  const text = await write()
  expect(text.length).toBeLessThan(1_000)
  for (const { run } of fanOut.members) expect(text).toContain(`(left out: \`show ${run}\` has it)`)
})
