import { expect, test } from '@jest/globals'
import type { V1Pod } from '@kubernetes/client-node'
import { isLongOver, isOverdue } from '#src/kubernetes/workload/reap'

const at = Date.parse('2026-11-23T03:00:00Z')

function pod(phase: string, finishedAt?: Date): V1Pod {
  const state = finishedAt === undefined ? {} : { terminated: { exitCode: 0, finishedAt } }
  const containerStatuses = [{ name: 'shell', image: '', imageID: '', ready: false, restartCount: 0, state }]
  return { status: { phase, startTime: new Date(at), containerStatuses } }
}

test.each([
  ['one that runs', pod('Running'), 10 * 3_600, false],
  ['one that has just ended', pod('Succeeded', new Date(at + 60_000)), 120, false],
  ['one that ended within the hour', pod('Failed', new Date(at + 60_000)), 3_600, false],
  ['one that ended before that', pod('Succeeded', new Date(at + 60_000)), 3_700, true],
  ['one that never started its container', pod('Failed'), 3_700, true],
  ['one without a status', { status: { phase: 'Failed' } }, 3_700, false],
])('whether another installation’s pod ended long ago: %s', (_what, given, seconds, expected) => {
  expect(isLongOver(given, at + seconds * 1_000)).toBe(expected)
})

test.each([
  ['before its deadline', pod('Running'), 599, false],
  ['just after it, while its node ends it', pod('Failed'), 660, false],
  ['long after it', pod('Failed'), 721, true],
  ['that waits for a node', { metadata: { creationTimestamp: new Date(at) } }, 721, true],
])('whether a debug pod exists although its deadline has passed: %s', (_what, given, seconds, expected) => {
  const withDeadline: V1Pod = { ...given, spec: { activeDeadlineSeconds: 600, containers: [] } }
  expect(isOverdue(withDeadline, at + seconds * 1_000)).toBe(expected)
  expect(isOverdue(given, at + seconds * 1_000)).toBe(false)
})
