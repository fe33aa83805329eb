import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { waitUntil } from '#test/flow/wait-for'

/** Folder of the modules that a program imports. */
export const machine = join(import.meta.dirname, '../../dev/machine')

const started: ChildProcess[] = []

/** Lets `killPrograms` kill this process too. */
export function killAfterTest(child: ChildProcess): void {
  started.push(child)
}

/** Kills the programs that are still there. */
export function killPrograms(): void {
  for (const child of started.splice(0)) child.kill('SIGKILL')
}

/**
 * Starts a program in a process of its own, with the modules `cleanup`, `lock` and `redis` of `dev/machine/`. `out` and `said` return what it has
 * written to standard output and standard error.
 */
export function startProgram(text: string) {
  const imports = ['cleanup', 'lock', 'redis']
    .map((name) => `import * as ${name} from '${machine}/${name}.ts'`)
    .join('\n')
  const words = ['--no-warnings', '--input-type=module', '--eval', `${imports}\n${text}`]
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'], cwd: machine })
  killAfterTest(child)
  let [out, said] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    out += part
  })
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    said += part
  })
  return { child, out: () => out, said: () => said }
}

/** Starts a program as `startProgram` does, and resolves with the first line that it prints; throws where it ends before. */
export async function program(text: string): Promise<{ child: ChildProcess; line: string }> {
  const { child, out, said } = startProgram(text)
  const ended = new Promise<'ended'>((resolve) => child.once('close', () => resolve('ended')))
  const printed = waitUntil('it prints a line', () => out().includes('\n'))
  if ((await Promise.race([printed, ended])) === 'ended') throw new Error(`it ended:\n${said()}`)
  return { child, line: out().split('\n')[0] ?? '' }
}

/** Returns whether a process group has processes that have not ended: whose state isn't `Z`. */
export function isAlive(group: number): boolean {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .some((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
        const [state, , pgrp] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        return state !== 'Z' && Number(pgrp) === group
      } catch {
        return false
      }
    })
}
