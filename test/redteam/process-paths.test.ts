import { expect, test } from '@jest/globals'
import { findGap } from '#core/policy/find-gap'
import type { CapabilitySet } from '#core/policy/policy'
import type { ArgumentCase } from './argument-case.ts'
import { judgeLine, planLine, reader } from './judge-line.ts'
import { processPaths } from './process-paths.ts'

// Files of a process are the node's or another container's, whatever tool opens them and however they are spelled.
test.each(processPaths)('T45 on a $on: $line: $expect', (each) => {
  expect(judgeLine(each)).toBe(each.expect)
})

/** Everything that shows programs of sockets, without the node's disk; it names files of processes. */
const tracer: CapabilitySet = {
  ...reader,
  name: 'tracer',
  tools: ['ss', 'ps', 'cat', 'cat /proc/PID'],
  host: { filesystem: 'none', pid: true },
}
const opener: CapabilitySet = { ...tracer, name: 'opener', host: { filesystem: 'read-only', pid: true } }

const gapOf = (line: string, set: CapabilitySet, on: ArgumentCase['on'], flags = '') => {
  const planned = planLine(line, on, flags)
  return typeof planned === 'string' ? planned : findGap(planned, set)?.gap.reason
}

test.each([
  ['ss -tlnp | cat /proc/1/root/etc/hostname', 'node', ''],
  ['ps aux | cat /proc/1/environ', 'node', ''],
  ['cat /proc/1/root/etc/hostname', 'node', '--host-pid -c SYS_PTRACE'],
] as const)('T45 %s on a %s with flags "%s" is refused where the set has no disk', (line, on, flags) => {
  expect(gapOf(line, tracer, on, flags)).toBe('host')
  expect(gapOf(line, opener, on, flags)).toBeUndefined()
  expect(gapOf(line, { ...opener, tools: ['ss', 'ps', 'cat'] }, on, flags)).toBe('special-argument')
})

test('T45 in a pod, a set that names them covers files of its processes, without any access to the node', () => {
  expect(gapOf('cat /proc/1/environ', { ...tracer, host: { filesystem: 'none', pid: false } }, 'pod')).toBeUndefined()
  expect(gapOf('cat /proc/1/environ', { ...tracer, tools: ['cat'] }, 'pod')).toBe('special-argument')
})
