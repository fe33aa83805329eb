import { expect, test } from '@jest/globals'
import type { End } from '#core/runs/run'
import { endDetails } from '#src/worker/runs/deliver-result'

const end: End = { reason: 'completed', at: '2026-11-28T03:00:00.000Z', exitCode: 0, complete: true }

test('T21 the record of an ending says with which capabilities the tool could have forged it', () => {
  const common = { reason: 'completed', complete: 'true', exitCode: '0', transcript: 'abc' }
  expect(endDetails(end, 'abc', { capabilities: ['NET_ADMIN', 'NET_RAW'] })).toEqual(common)
  expect(endDetails(end, 'abc', { capabilities: ['NET_RAW', 'SYS_PTRACE'] })).toEqual({
    ...common,
    unproven: 'SYS_PTRACE',
  })
  expect(endDetails(end, 'abc', { capabilities: ['ALL'] })).toEqual({ ...common, unproven: 'ALL' })
})
