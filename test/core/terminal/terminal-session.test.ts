import { expect, test } from '@jest/globals'
import {
  claimLink,
  detachedSeconds,
  findTimeUp,
  minutesLeft,
  newTerminalSession,
  type TerminalSession,
  withLink,
} from '#core/terminal/terminal-session'

const at = (seconds: number) => new Date(Date.parse('2026-11-28T00:00:00Z') + seconds * 1_000).toISOString()
const key = { x: 'x', y: 'y' }
const fresh = newTerminalSession({ maxSession: 3_600, idle: 600 }, at(0))

test('T29 a link is used once; an earlier, later or unknown one is told apart', () => {
  const first = withLink(fresh, 'a', at(0))
  const second = withLink(first, 'b', at(10))
  expect(claimLink(second, 'a', key, at(20))).toMatchObject({ refused: 'replaced' })
  expect(claimLink(second, 'c', key, at(20))).toMatchObject({ refused: 'unknown' })
  expect(claimLink(second, 'b', key, at(311))).toMatchObject({ refused: 'expired' })
  const claimed = claimLink(second, 'b', key, at(20))
  if ('refused' in claimed) throw new Error(claimed.message)
  expect(claimed).toMatchObject({ browser: { key, at: at(20) }, connection: 1 })
  expect(claimed.link).toBeUndefined()
  expect(claimLink(claimed, 'b', key, at(21))).toMatchObject({ refused: 'used' })
  const many = Array.from({ length: 30 }, (_each, index) => `l${index}`).reduce(
    (sum, hash) => withLink(sum, hash, at(0)),
    fresh,
  )
  expect(many.spent.length).toBeLessThanOrEqual(8)
})

test.each<[string, Partial<TerminalSession>, number, string | undefined]>([
  ['a new one goes on', {}, 10, undefined],
  ['nobody opened it', {}, 600, 'nobody opened it'],
  [
    'an open one that is used goes on',
    { browser: { key, at: at(1) }, activeAt: at(500), attachedUntil: at(620) },
    610,
    undefined,
  ],
  [
    'its time is up',
    { browser: { key, at: at(1) }, activeAt: at(3_590), attachedUntil: at(3_700) },
    3_600,
    'its time was up',
  ],
  [
    'nobody is connected',
    { browser: { key, at: at(1) }, activeAt: at(10), attachedUntil: at(30) },
    30 + detachedSeconds,
    'no browser was connected for two minutes',
  ],
  [
    'nothing was typed',
    { browser: { key, at: at(1) }, activeAt: at(10), attachedUntil: at(900) },
    610,
    'nothing was typed or printed for 10 minutes',
  ],
])('%s', (_what, change, seconds, message) => {
  expect(findTimeUp({ ...fresh, ...change }, at(seconds))?.message).toBe(message)
})

test('the minutes that are left are coarse while there are many', () => {
  expect([0, 61, 3_000, 3_001, 3_590, 4_000].map((seconds) => minutesLeft(fresh, at(seconds)))).toEqual([
    60, 60, 10, 10, 1, 0,
  ])
})
