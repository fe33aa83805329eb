import { expect, test } from '@jest/globals'
import { figuresOf } from './figures.ts'
import { atMost } from './goals.ts'
import { goalTables, measuredBy } from './tables.ts'
import { createOutput } from './terminal/shell.ts'

test('a text is found wherever its pieces were cut, and each one once', async () => {
  const { add, shows } = createOutput()
  add('one prom')
  const first = shows('prompt')
  add('pt, prompt')
  await first
  // The second one came already.
  await shows('prompt')
  await expect(shows('prompt', 0)).rejects.toThrow('not shown after 0 s: prompt')
})

test('a goal is met up to its limit, and tables say which ones are', () => {
  const machine = { node: 'v24.0.0', processors: 2, model: 'a processor', gigabytes: 8 }
  const own = figuresOf([1, 2, 3])
  const measures = [{ name: 'key to echo', own, peers: [{ what: 'a bare exec', figures: figuresOf([1]), target: 3 }] }]
  const goals = [atMost('memory', 400, 400, 'MB', 0), atMost('ratio', 1.31, 1.3, '', 2)]
  const where = measuredBy('npm run bench -- terminal', machine, '2026-11-28T00:00:00Z')
  expect(goalTables([{ measures, goals, notes: ['said'] }], 'shells', where).split('\n')).toEqual([
    'Measured 2026-11-28 by `npm run bench -- terminal` on 2 processors (a processor), 8 GiB, Node v24.0.0.',
    '',
    '| shells | goal | result | met |',
    '|---|--:|--:|---|',
    '| memory | ≤ 400 MB | 400 MB | yes |',
    '| ratio | ≤ 1.3 | 1.31 | no |',
    '',
    '| milliseconds | times | median | p95 | p99 | ratio | target |',
    '|---|--:|--:|--:|--:|--:|--:|',
    '| **key to echo** | 3 | 2.0 | 3.0 | 3.0 | | |',
    '| peer: a bare exec | 1 | 1.0 | 1.0 | 1.0 | 2.00 | ≤ 3 |',
    '',
    '- said',
    '',
  ])
})
