import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { projectFiles } from '#test/dev/project-files'
import { program } from './run-cli.ts'

// A thread that compiles for V8 and needs memory makes `process.exit` wait forever (decision 143).

const root = join(import.meta.dirname, '../..')

/** Returns how many functions V8 compiled in threads of Sparkplug and Maglev while a program ran, as its trace events say. */
function compiledInThreads(nodeArguments: readonly string[]): { sparkplug: number; maglev: number } {
  const folder = mkdtempSync(join(tmpdir(), 'retina-trace-'))
  try {
    const trace = ['--trace-event-categories', 'disabled-by-default-v8.compile', '--trace-event-file-pattern', 'trace']
    execFileSync(process.execPath, [...trace, ...nodeArguments], { cwd: folder })
    const { traceEvents } = JSON.parse(readFileSync(join(folder, 'trace'), 'utf8')) as {
      traceEvents: { name: string }[]
    }
    const count = (name: string) => traceEvents.filter((event) => event.name === name).length
    return { sparkplug: count('V8.FinalizeBaselineConcurrentCompilation'), maglev: count('V8.MaglevBackground') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('V8 compiles nothing for the program in threads that make process.exit wait forever', () => {
  const main = JSON.stringify(join(root, 'src/cli/main.ts'))
  const same = `await (await import(${main})).commandLine(['schema', 'config'])`
  const unprotected = compiledInThreads(['--input-type=module', '--eval', same])
  expect(unprotected.sparkplug).toBeGreaterThan(30)
  expect(unprotected.maglev).toBeGreaterThan(30)
  // Node itself starts before the program can say so.
  const { sparkplug, maglev } = compiledInThreads([program, 'schema', 'config'])
  expect(sparkplug).toBeLessThan(10)
  expect(maglev).toBeLessThan(10)
})

test('each program of the tests and tools that calls process.exit first says so', () => {
  const read = (file: string) => readFileSync(join(root, file), 'utf8')
  const programs = projectFiles().filter(
    (file) => /^(dev|test|shell-image)\/.*(?<!\.test)\.ts$/.test(file) && /^[^`\n]*\bprocess\.exit\(/m.test(read(file)),
  )
  expect(programs.length).toBeGreaterThan(15)
  const firstImport = (file: string) => /^import .*$/m.exec(read(file))?.[0]
  // Jest itself calls it (`--forceExit`).
  const unprotected = ['jest.config.ts', ...programs].filter(
    (file) => !firstImport(file)?.endsWith("/disable-background-compilers.js'"),
  )
  expect(unprotected).toEqual([])
})
