import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

const root = join(import.meta.dirname, '../..')

/** Runs Jest on a test file with this text, in the environment of all tests; resolves with its exit code and output. */
async function runJest(text: string): Promise<{ code: number | null; output: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'retina-hangs-'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'planted.test.js'), text)
  const config = {
    rootDir: folder,
    transform: {},
    testEnvironment: join(root, 'test/jest/environment.ts'),
    testEnvironmentOptions: { graceMs: 200 },
  }
  // With two files Jest uses worker processes, as a full run does.
  writeFileSync(join(folder, 'other.test.js'), "test('is fine', () => undefined)\n")
  const args = ['--no-warnings', join(root, 'node_modules/jest/bin/jest.js'), '--maxWorkers=2', '--ci']
  const child = spawn(process.execPath, [...args, '--config', JSON.stringify(config)], { cwd: folder })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      output += part
    })
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  rmSync(folder, { recursive: true, force: true })
  return { code, output }
}

test('a test and a hook that wait for ever fail with their names and with what they waited for', async () => {
  const { code, output } = await runJest(`
    const waits = { pending: new Set() }
    globalThis[Symbol.for('retina.waits')] = waits
    const hang = () => new Promise(() => undefined)
    describe('outer', () => {
      beforeEach(() => undefined)
      test('never comes to an end', () => { waits.pending.add('the message reads "Done"'); return hang() }, 100)
      test('hangs after a wait', () => { waits.pending.clear(); waits.last = 'the pod is ready'; return hang() }, 100)
      test('hangs before its first wait', hang, 100)
    })
    describe('other', () => {
      beforeAll(() => { waits.pending.add('Redis answers'); return hang() }, 100)
      test('is not reached', () => undefined)
    })`)
  expect(code).toBe(1)
  expect(output).toMatch(
    /TIMED OUT .*planted\.test\.js › outer › never comes to an end\n {2}it waited for: the message/,
  )
  expect(output).toMatch(/TIMED OUT .*planted\.test\.js › beforeAll of other\n {2}it waited for: Redis answers/)
  // What has no name, such as a click in a browser, is told by the wait before it.
  expect(output).toMatch(
    /TIMED OUT .* › hangs after a wait\n {2}it waited for: nothing that has a name, after: the pod is ready\n/,
  )
  expect(output).toMatch(/TIMED OUT .* › hangs before its first wait\n {2}it waited for: nothing that has a name\n/)
  // It is also added to the test's errors, which are shown last.
  expect(output).toContain('thrown: "It waited for: the message reads')
})

test('a test that never gives the processor back is ended with its process, by its name', async () => {
  const { code, output } = await runJest("test('spins', () => { for (;;); }, 100)\n")
  expect(code).toBe(1)
  expect(output).toMatch(/HANGS .*planted\.test\.js › spins\n {2}it has kept its process busy for 0\.3 s/)
  expect(output).toMatch(/2 total/)
})
