import { expect, test } from '@jest/globals'
import { batchOutcomes } from '#src/worker/runs/batch-audit-text'
import { sampleRequest } from '#test/samples/run'

const stage = (...argv: string[]) => ({ tool: argv[0] ?? '', given: argv, argv, tools: [], special: [], known: true })
const batch = { steps: [], againAfter: 0, facts: {} }
const pipeline = [stage('ip', 'route'), stage('conntrack', '-S'), stage('dig', 'a b')]

const outcomesOf = (text: string | undefined, isBatch = true) => {
  const request = sampleRequest({ pipeline, ...(isBatch ? { batch } : {}) })
  return batchOutcomes({ transcript: async () => text }, { id: 'r1', request })
}

test('the record names each command of a batch with how it ended', async () => {
  const text = '0|default via 10.0.0.1\n1|cpu=0\n0=0\n1=deadline\n2=1\n'
  expect(await outcomesOf(text)).toEqual({ commands: "exit 0: ip route; deadline: conntrack -S; exit 1: dig 'a b'" })
})

test('a command that has no end in the output, or whose output is gone, was not run', async () => {
  expect(await outcomesOf('0=0\n')).toEqual({
    commands: "exit 0: ip route; not-run: conntrack -S; not-run: dig 'a b'",
  })
  expect(await outcomesOf(undefined)).toMatchObject({ commands: expect.stringMatching(/^not-run: ip route; /) })
})

test('a run without a batch has no such field', async () => {
  expect(await outcomesOf('0=0\n', false)).toEqual({})
})
