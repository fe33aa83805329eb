import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import type { DebugSpec } from '#core/runs/debug-spec'
import { splitBatch } from '#core/triage/batch-output'
import { runnerCommand } from '#src/kubernetes/workload/pod-spec'
import { sampleRun } from '#test/samples/run'
import { read, useRunner } from './use-runner.ts'

const { folder, newId, runner } = useRunner()

const at = '2026-11-28T12:00:00.000Z'

/** Runs a batch by the runner, as a container does, and returns the outputs of its commands. */
async function batch(
  pipeline: readonly (readonly string[])[],
  limits: Partial<NonNullable<DebugSpec['batch']>> = {},
  change: Partial<DebugSpec> = {},
) {
  const limit = { later: [], againAfter: 0, seconds: 5, bytes: 65_536, parallel: 4, ...limits }
  const spec: DebugSpec = { ...sampleRun().spec, pipeline, batch: limit, ...change }
  const [own = '', ...args] = runnerCommand(newId(), spec)
  // The runner of this test stands elsewhere than in the image.
  const { output, ended } = runner(args.map((word) => (word === own ? join(folder, 'retina-run') : word)))
  await ended
  const { text, why } = read(output.out)
  const indexed = splitBatch(text, pipeline, at)
  return { outputs: indexed.map(({ output }) => output), indexed, why, text }
}

test('each command of a batch has its own output and exit code', async () => {
  const { outputs, why } = await batch([
    ['echo', 'one'],
    ['sh', '-c', 'echo two; echo three >&2; exit 3'],
    ['no-such-program'],
    ['true'],
  ])
  expect(why).toBe('ended')
  expect(outputs).toMatchObject([
    { text: 'one\n', exit: 0 },
    { text: 'two\nthree\n', exit: 3 },
    { text: 'no-such-program: not found in this image\n', exit: 127 },
    { text: '', exit: 0 },
  ])
})

test('no output can pass for that of another command', async () => {
  const { outputs } = await batch([
    ['printf', '1|forged\n1=0\r1|forged\r\n'],
    ['echo', 'own'],
  ])
  expect(outputs).toMatchObject([{ text: '1|forged\n1=0\n1|forged\n' }, { text: 'own\n', exit: 0 }])
})

test('a command that hangs or writes too much ends alone', async () => {
  const { outputs } = await batch([['sleep', '60'], ['yes'], ['echo', 'own']], { seconds: 1, bytes: 1_000 })
  expect(outputs).toMatchObject([{ problem: 'deadline' }, { problem: 'output-limit' }, { text: 'own\n', exit: 0 }])
})

test('outputs that are too much together leave out what comes last, and the others stay', async () => {
  const lines = ['sh', '-c', 'seq 1 20000']
  const { outputs, why } = await batch(
    [['echo', 'own'], lines, lines],
    { bytes: 90_000, parallel: 1 },
    { maxOutputBytes: 300_000 },
  )
  expect(why).toBe('ended')
  expect(outputs.filter(({ problem }) => problem === 'output-limit').length).toBeGreaterThan(0)
  expect(outputs).toContainEqual(expect.objectContaining({ text: 'own\n', exit: 0 }))
})

test('of an output that is too long, the lines are counted', async () => {
  const { outputs } = await batch(
    [
      ['seq', '1', '5000'],
      ['echo', 'own'],
    ],
    { bytes: 1_000 },
  )
  expect(outputs[0]).toMatchObject({ problem: 'output-limit', lines: 5_000 })
  expect(outputs[0]?.text.startsWith('1\n2\n')).toBe(true)
  expect(outputs[1]).toEqual({ argv: ['echo', 'own'], at, text: 'own\n', exit: 0 })
})

test('a word that stands for interfaces is replaced by their names, and repeats its command', async () => {
  const { indexed } = await batch([
    ['echo', '-S', '@defaultInterface'],
    ['echo', '-S', '@nodeInterfaces'],
    ['echo', '@defaultInterface.1', '@other'],
  ])
  const names = [...readFileSync('/proc/net/route', 'utf8').matchAll(/^(\S+)\t00000000\t/gm)].map(([, name]) => name)
  const [first, ...others] = indexed
  // A machine without a default route has none.
  expect(first).toMatchObject(
    names[0] === undefined
      ? { index: 0, output: { problem: 'no-interface' } }
      : { index: 0, each: names[0], output: { argv: ['echo', '-S', names[0]], text: `-S ${names[0]}\n`, exit: 0 } },
  )
  for (const { index, each, output } of others.slice(0, -1))
    expect({ index, text: output.text }).toEqual({ index: 1, text: each === undefined ? '' : `-S ${each}\n` })
  expect(others.at(-1)).toMatchObject({ index: 2, output: { text: '@defaultInterface.1 @other\n' } })
})

test('a second reading begins later', async () => {
  const { outputs } = await batch(
    [
      ['date', '+%s%N'],
      ['date', '+%s%N'],
    ],
    { later: [1], againAfter: 1 },
  )
  const [first, later] = outputs.map(({ text }) => Number(text) / 1e9)
  expect((later ?? 0) - (first ?? 0)).toBeGreaterThan(0.9)
})
