import { expect, test } from '@jest/globals'
import { defaultTiming, timingWith } from '#core/util/default-timings'

test('times are replaced by name; one that doesn’t exist is a mistake, because it would have no effect', () => {
  expect(timingWith({ settleMs: 1 })).toEqual({ ...defaultTiming, settleMs: 1 })
  const renamed = { settleMs: 1, untoldSeenMs: 2 }
  expect(() => timingWith(renamed)).toThrow('no time is called untoldSeenMs')
})
