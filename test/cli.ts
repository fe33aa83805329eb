import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

const program = join(import.meta.dirname, '../src/bin.js')

export type Ended = { code: number | null; stdout: string; stderr: string }

/** The program as people start it, in a process of its own. */
export function startCli(words: readonly string[], env: Record<string, string> = {}, file = program) {
  const child: ChildProcess = spawn(process.execPath, [file, ...words], { env: { ...process.env, ...env } })
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

export function cli(words: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return startCli(words, env).ended
}
