import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format } from 'node:util'
import { cacheRoot } from '#dev/machine/cache'
import { commandLine } from '#src/cli/main'

export const program = join(import.meta.dirname, '../../src/bin.js')

/**
 * Environment with the program's cache of compiled code, for programs that don't start with `bin.js`: compiling is two
 * thirds of the startup time.
 */
export const compiled = { NODE_COMPILE_CACHE: join(cacheRoot(), 'compiled') }

export type Ended = { code: number | null; stdout: string; stderr: string }

/** Starts the program as operators do, in a process of its own. */
export function startCli(args: readonly string[], env: Record<string, string> = {}, file = program) {
  const cache = file === program ? {} : compiled
  return follow(spawn(process.execPath, [file, ...args], { env: { ...process.env, ...cache, ...env } }))
}

/** Collects what a program prints, and its exit code. */
export function follow(child: ChildProcess) {
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })))
  return { child, ended, stdout: () => stdout, stderr: () => stderr }
}

/** Writes a kubeconfig of a cluster that doesn't answer into a folder, and returns its path. */
export function writeUnreachableKubeconfig(folder: string): string {
  const file = join(folder, 'kubeconfig')
  const text = `apiVersion: v1
kind: Config
current-context: none
contexts: [{ name: none, context: { cluster: none, user: none } }]
clusters: [{ name: none, cluster: { server: 'https://127.0.0.1:1' } }]
users: [{ name: none, user: {} }]
`
  writeFileSync(file, text)
  return file
}

export function cli(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return startCli(args, env).ended
}

/** Runs the program in this process, without startup time; for commands that end by themselves, one after the other. */
export async function cliHere(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const before = process.env
  process.env = { ...before, ...env }
  const { log, error } = console
  const output = { stdout: '', stderr: '' }
  console.log = (...given: unknown[]) => {
    output.stdout += `${format(...given)}\n`
  }
  console.error = (...given: unknown[]) => {
    output.stderr += `${format(...given)}\n`
  }
  try {
    return { code: await commandLine(args), ...output }
  } finally {
    Object.assign(console, { log, error })
    process.env = before
  }
}
