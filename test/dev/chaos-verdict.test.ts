import { describe, expect, test } from '@jest/globals'
import { isRepeatedRefusal } from '#test/chaos/verify'

describe('verdict of the chaos run', () => {
  const refusal = 'I could not do that: nothing was run'

  test.each([
    ['the same refusal twice, and nothing run', [refusal, refusal], false, true],
    ['the same message twice, of a tool that was run', [refusal, refusal], true, false],
    ['two messages that differ', [refusal, 'Done'], false, false],
    ['one message', [refusal], false, false],
    ['no message', [], false, false],
  ])('%s', (_what, ended, wasRun, expected) => {
    expect(isRepeatedRefusal(ended, wasRun)).toBe(expected)
  })
})
