import { spawn } from 'node:child_process'
import { existsSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cleanupVariable } from '#dev/machine/cleanup'
import { ensureFolder, stateFolder } from './state.ts'

/** A process as it was started: the start time (clock ticks since boot) tells it from a later one with the same id. */
type Started = { name: string; pid: number; ticks: string }

const recordFile = () => stateFolder('processes.json')

function records(): Started[] {
  return existsSync(recordFile()) ? (JSON.parse(readFileSync(recordFile(), 'utf8')) as Started[]) : []
}

function save(list: readonly Started[]): void {
  ensureFolder()
  writeFileSync(recordFile(), JSON.stringify(list, null, 2))
}

/** Field 22 of /proc/PID/stat; undefined when there is no such process, or only its remains. */
function startTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in brackets and may itself hold brackets and spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

function lives(started: Started): boolean {
  return startTicks(started.pid) === started.ticks
}

/** The id of a process that was started under this name and still runs. */
export function runningPid(name: string): number | undefined {
  return records().find((each) => each.name === name && lives(each))?.pid
}

/** Starts a program that outlives this one; its output goes to the log of that name. Does nothing when it runs already. */
export function startProcess(name: string, program: string, args: string[], env: Record<string, string> = {}): number {
  const running = runningPid(name)
  if (running !== undefined) return running
  const log = openSync(join(ensureFolder('logs'), `${name}.log`), 'a')
  // The cluster is ended as a whole, by `down`: not as one of the processes that somebody who used it started.
  const { [cleanupVariable]: _own, ...inherited } = process.env
  const child = spawn(program, args, { detached: true, stdio: ['ignore', log, log], env: { ...inherited, ...env } })
  child.on('error', () => undefined)
  child.unref()
  const pid = child.pid
  const ticks = pid === undefined ? undefined : startTicks(pid)
  if (pid === undefined || ticks === undefined) throw new Error(`${name} did not start; see ${logFile(name)}`)
  save([...records().filter((each) => each.name !== name), { name, pid, ticks }])
  return pid
}

/** Ends a process that was started here, and waits until it is gone. */
export async function stopProcess(name: string, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
  const record = records().find((each) => each.name === name)
  if (record === undefined || !lives(record)) return
  process.kill(record.pid, signal)
  const patience = Date.now() + 10_000
  while (lives(record)) {
    if (Date.now() > patience) process.kill(record.pid, 'SIGKILL')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

export function forgetProcesses(): void {
  save([])
}

function logFile(name: string): string {
  return stateFolder('logs', `${name}.log`)
}

/** The last lines of a log, for an error's text. */
export function logTail(name: string, lines = 15): string {
  return existsSync(logFile(name))
    ? readFileSync(logFile(name), 'utf8').trimEnd().split('\n').slice(-lines).join('\n')
    : ''
}
