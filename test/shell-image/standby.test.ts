import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { frameKey, read, runnerArgs, useRunner } from './use-runner.ts'

const { folder, newId, runner } = useRunner()

const commandLine = (words: readonly string[]) => `${JSON.stringify({ words, key: frameKey.toString('base64') })}\n`

/** Starts a standby runner for runs of at most `longest` seconds, sends it these arguments, and returns its output and exit. */
async function standBy(sent: readonly string[] | string, longest = '20') {
  const { child, output, ended } = runner(['--standby', longest])
  child.stdin.on('error', () => undefined)
  child.stdin.write(typeof sent === 'string' ? sent : commandLine(sent))
  return { exit: await ended, output }
}

test('a standby runner starts the run whose arguments it reads, as if it had been called with them', async () => {
  const id = newId()
  const proof = join(folder, id)
  const argv = runnerArgs(id, ['sh', '-c', `echo x >> ${proof}; echo "one two"; echo three >&2`], ['--spool'])
  const { exit, output } = await standBy(argv)
  expect(exit).toBe(0)
  expect(output.out).toMatch(new RegExp(`^b ${id}\n`))
  expect(read(output.out)).toMatchObject({ gap: undefined, why: 'ended', exit: 0 })
  expect(read(output.out).text).toContain('one two\n')
  // A second standby runner, and a runner that is called with the same arguments, follow the same run.
  expect(read((await standBy(argv)).output.out).text).toContain('three\n')
  const called = runner(argv)
  await called.ended
  expect(read(called.output.out).text).toContain('three\n')
  expect(readFileSync(proof, 'utf8')).toBe('x\n')
})

test('a standby runner starts nothing for a caller that is gone: without arguments, after half of them, or long after all of them', async () => {
  const id = newId()
  const proof = join(folder, id)
  const line = commandLine(runnerArgs(id, ['touch', proof], ['--spool']))
  for (const sent of ['', line.slice(0, -1), line]) {
    const { child, output, ended } = runner(['--standby', '20'])
    // Stops the process, as a suspended node would.
    child.kill('SIGSTOP')
    child.stdin.end(sent)
    await new Promise((resolve) => child.stdin.once('close', resolve))
    child.kill('SIGCONT')
    expect([sent, await ended, output]).toEqual([sent, 0, { out: '', err: '' }])
  }
  expect(existsSync(proof)).toBe(false)
})

test('a standby runner starts nothing but a --spool run that ends in time', async () => {
  const id = newId()
  const proof = join(folder, id)
  const tool = ['touch', proof]
  const refused = [
    runnerArgs(id, tool),
    runnerArgs(id, tool, ['--keep', '5', '--life', '10']),
    runnerArgs(id, tool, ['--spool', '--keep', '5']),
    runnerArgs(id, tool, ['--spool', '--deadline', '21']),
    ['--stop', id, '--spool'],
    ['--follow', id, '--spool'],
    ['--cancel', id, '--spool'],
    ['--standby', '20'],
    [],
    'nonsense\n',
    '{"run":1}\n',
  ]
  for (const sent of refused) {
    const { exit, output } = await standBy(sent)
    expect([sent, exit, output.out]).toEqual([sent, 2, ''])
    expect(output.err).not.toBe('')
  }
  expect((await standBy(runnerArgs(id, tool, ['--spool']), 'x')).exit).toBe(2)
  expect(existsSync(proof)).toBe(false)
})
