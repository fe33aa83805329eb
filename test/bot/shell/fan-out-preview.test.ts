import { expect, test } from '@jest/globals'
import { fanOutPreview, tooMany } from '#src/bot/shell/fan-out-preview'
import { sampleRequest } from '#test/samples/run'

const limits = { maxTargets: 10, confirmAbove: 3 }
const typed = 'shell -l pool=web dig x'
const over = (count: number, expected?: number) => tooMany(typed, limits, 'nodes with pool=web', count, expected)

test('few targets need no number, many need theirs, and too many are refused', () => {
  expect([over(3), over(5, 5)]).toEqual([undefined, undefined])
  expect(over(4)).toMatchObject({ kind: 'misunderstood', suggestion: 'shell --targets 4 -l pool=web dig x' })
  expect(over(11, 11)).toMatchObject({
    ...{ kind: 'refused', message: 'There are 11 nodes with pool=web; one command can reach at most 10.' },
  })
})

test('T28 another number than the expected one is refused, even where it is small', () => {
  expect(tooMany('shell --targets 5 -l pool=web dig x', limits, 'nodes', 2, 5)).toMatchObject({
    ...{ message: 'You expected 5, but there are now 2 nodes. Nothing was run.' },
    suggestion: 'shell --targets 2 -l pool=web dig x',
  })
})

test('a preview groups targets by what would become of them', () => {
  const request = (name: string) => sampleRequest({ target: { kind: 'node', cluster: 'dev', name } })
  const allow = { effect: 'allow' as const, set: 'probe', grant: 'grants[0]', maxDeadline: 60 }
  const deny = { effect: 'deny' as const, reason: 'tool' as const, message: 'no', wouldNeed: [] }
  const judged = [
    { request: request('a'), decision: allow },
    { request: request('b'), decision: allow },
    { request: request('c'), decision: deny },
  ]
  expect(fanOutPreview('nodes', judged, [{ why: 'it runs Windows', targets: ['node/d'] }])).toMatchObject({
    title: '3 nodes',
    rows: [
      ['2', 'would run under the set "probe"', expect.stringContaining('a')],
      ['1', 'would be refused: tool', expect.stringContaining('c')],
      ['1', 'left out: it runs Windows', expect.stringContaining('d')],
    ],
    note: 'Nothing was run.',
  })
})
