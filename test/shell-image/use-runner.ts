import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll } from '@jest/globals'
import { frameReader } from '#src/kubernetes/process/runner-frames'
import { buildRunner } from './build-runner.ts'
import { stopAll } from './processes.ts'

/** Key of the frames of all runs in these tests. */
export const frameKey = Buffer.alloc(32, 7)

/** Returns the runner's arguments for one run. */
export const runnerArgs = (id: string, argv: readonly string[], flags: readonly string[] = []) => [
  ...['--run', id, '--deadline', '20', '--max-bytes', '100000', ...flags],
  ...['--words', String(argv.length), '--', ...argv],
]

/** Builds the runner for the tests of one file; processes end with each test. `folder` is for files that tools leave. */
export function useRunner() {
  const folder = mkdtempSync(join(tmpdir(), 'retina-runner-'))
  let serial = 0
  const begun: ChildProcess[] = []
  const spooled: string[] = []
  beforeAll(async () => {
    await buildRunner(folder)
  })
  afterEach(() => {
    for (const id of spooled.splice(0)) stopAll(id)
    for (const child of begun.splice(0)) child.kill('SIGKILL')
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** Returns an id that no other test of this machine has. */
  const newId = (): string => {
    serial += 1
    const id = `t${process.pid}x${serial}`
    spooled.push(id)
    return id
  }
  /** `user`: id of the user and group that it runs as, without any capability. */
  const runner = (args: readonly string[], user?: string) => {
    const program = [join(folder, 'retina-run'), ...args]
    const as = user === undefined ? [] : ['setpriv', '--reuid', user, '--regid', user, '--clear-groups']
    const [command = '', ...rest] = [...as, ...program]
    const child = spawn(command, rest)
    begun.push(child)
    if (args.includes('--spool') && args[0] !== '--standby') {
      child.stdin.on('error', () => undefined)
      child.stdin.write(`${frameKey.toString('base64')}\n`)
    }
    const output = { out: '', err: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output.out += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output.err += text
    })
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    return { child, output, ended }
  }
  /** Ends the session of this id, and what holds its container, after the test. */
  const stopAfterwards = (id: string) => void spooled.push(id)
  return { folder, newId, runner, stopAfterwards, spoolFile: (id: string) => join(folder, `retina-${id}`) }
}

/** Returns the text of the frames, and whether it is proven to be complete. */
export function read(out: string) {
  const lines = out.split('\n')
  // Frames of a run that began by exec are signed.
  const runId = lines.find((line) => line.startsWith('b '))?.slice(2)
  const frames = frameReader(undefined, runId === undefined ? undefined : { runId, keys: [frameKey] })
  const own = lines.filter((line) => !line.startsWith('b '))
  const text = frames
    .read(own, true)
    .chunks.map((chunk) => chunk.text)
    .join('')
  return { text, gap: frames.gap(), why: frames.trailer()?.why, exit: frames.trailer()?.exit }
}
