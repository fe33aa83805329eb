import { spawn } from 'node:child_process'
import { existsSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cleanupVariable } from '#dev/machine/cleanup'
import { ensureFolder, stateFolder } from './state.ts'

/** A started process. Its start time (clock ticks since boot) distinguishes it from a later process with the same pid. */
type StartedProcess = { name: string; pid: number; ticks: string }

const recordFile = () => stateFolder('processes.json')

function records(): StartedProcess[] {
  return existsSync(recordFile()) ? (JSON.parse(readFileSync(recordFile(), 'utf8')) as StartedProcess[]) : []
}

function saveRecords(list: readonly StartedProcess[]): void {
  ensureFolder()
  writeFileSync(recordFile(), JSON.stringify(list, null, 2))
}

/** Returns field 22 of /proc/PID/stat; undefined if there is no such process, or if it is a zombie that holds nothing any more. */
function startTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in parentheses, and may itself contain parentheses and spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // While threads of a killed process still end, its sockets are open. Field 20 is their number, with the zombie's own.
    return fields[0] === 'Z' && Number(fields[17]) <= 1 ? undefined : fields[19]
  } catch {
    return undefined
  }
}

function isAlive(started: StartedProcess): boolean {
  return startTicks(started.pid) === started.ticks
}

/** Returns the pid of the process that was started under this name, if it is running. */
export function runningPid(name: string): number | undefined {
  return records().find((each) => each.name === name && isAlive(each))?.pid
}

/** Starts a program that outlives this process, with its output in the log of that name, unless it is running already. Returns its pid. */
export function startProcess(name: string, program: string, args: string[], env: Record<string, string> = {}): number {
  const running = runningPid(name)
  if (running !== undefined) return running
  const log = openSync(join(ensureFolder('logs'), `${name}.log`), 'a')
  // `down` stops the cluster as a whole. Without this variable, the cleanup of the process that started it doesn't kill it.
  const { [cleanupVariable]: _own, ...inherited } = process.env
  const child = spawn(program, args, { detached: true, stdio: ['ignore', log, log], env: { ...inherited, ...env } })
  child.on('error', () => undefined)
  child.unref()
  const pid = child.pid
  const ticks = pid === undefined ? undefined : startTicks(pid)
  if (pid === undefined || ticks === undefined) throw new Error(`${name} did not start; see ${logFile(name)}`)
  saveRecords([...records().filter((each) => each.name !== name), { name, pid, ticks }])
  return pid
}

/** Stops a process that `startProcess` started, and waits until it has ended. Sends SIGKILL after 10 s. */
export async function stopProcess(name: string, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
  const record = records().find((each) => each.name === name)
  if (record === undefined || !isAlive(record)) return
  process.kill(record.pid, signal)
  const deadline = Date.now() + 10_000
  while (isAlive(record)) {
    if (Date.now() > deadline) process.kill(record.pid, 'SIGKILL')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Deletes the records of all started processes. */
export function forgetProcesses(): void {
  saveRecords([])
}

function logFile(name: string): string {
  return stateFolder('logs', `${name}.log`)
}

/** Returns the last lines of a log, for an error message. */
export function logTail(name: string, lines = 15): string {
  return existsSync(logFile(name))
    ? readFileSync(logFile(name), 'utf8').trimEnd().split('\n').slice(-lines).join('\n')
    : ''
}
