import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { interpretOutput } from '#core/output/interpret'
import type { Stage } from '#core/request/request'
import type { End } from '#core/runs/run'
import { catalogue } from '#src/tools/index'
import { sampleRequest, sampleRun } from '#test/samples/run'

const text = readFileSync(join(import.meta.dirname, '../../fixtures/ping/loss.txt'), 'utf8')
const end: End = { reason: 'completed', exitCode: 0, complete: true, at: '2026-11-24T10:00:00Z' }
const stage = (given: readonly string[]): Stage => ({
  tool: given[0] ?? '',
  given,
  argv: given,
  tools: [],
  special: [],
  known: true,
})

function read(change: { given?: readonly string[][]; end?: Partial<End>; text?: string; whole?: boolean } = {}) {
  const pipeline = (change.given ?? [['ping', '10.99.3.2']]).map(stage)
  const run = sampleRun({ request: sampleRequest({ pipeline }) })
  const stored = { whole: change.whole ?? true, tail: change.text ?? text }
  return interpretOutput(run, { ...end, ...change.end }, stored, catalogue)?.headline
}

test('a complete output of one tool is interpreted, whether it succeeded or failed', () => {
  expect(read()).toBe('10.99.3.2 answers with 33 % loss')
  expect(read({ end: { reason: 'failed', exitCode: 1 } })).toBe('10.99.3.2 answers with 33 % loss')
})

test('output of the node’s own program is interpreted as well', () => {
  const units = readFileSync(join(import.meta.dirname, '../../fixtures/systemctl/failed.txt'), 'utf8')
  expect(read({ given: [['chroot', '/host', 'systemctl', '--failed']], text: units })).toMatch(/^2 failed units/)
})

test.each([
  ['an output that couldn’t be proven complete', { end: { complete: false } }],
  ['a run that was cut off', { end: { reason: 'deadline' as const } }],
  ['a run that wrote too much', { end: { reason: 'output-limit' as const } }],
  ['a canceled run', { end: { reason: 'canceled' as const } }],
  [
    'an output that went through a filter',
    {
      given: [
        ['ping', 'x'],
        ['grep', 'loss'],
      ],
    },
  ],
  ['a tool without an interpreter', { given: [['lsof']] }],
  ['an output with a line longer than any tool writes', { text: `${'x'.repeat(4_001)}\n${text}` }],
  ['an output of which only beginning and end were read', { whole: false }],
])('no insight is given for %s', (_what, change) => {
  expect(read(change)).toBeUndefined()
})
