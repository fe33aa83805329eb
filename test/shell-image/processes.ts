import { readdirSync, readFileSync } from 'node:fs'

type Process = { pid: number; parent: number; words: readonly string[] }

/** Returns the fields of a process or thread from its state on. `folder`: its folder in /proc. Throws where it has ended. */
function readStat(folder: string): string[] {
  const stat = readFileSync(`${folder}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

/** Returns the processes of this machine that haven't ended. */
function listProcesses(): Process[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      if (!/^\d+$/.test(pid)) return []
      const [state, parent] = readStat(`/proc/${pid}`)
      if (state === 'Z') return []
      return [
        { pid: Number(pid), parent: Number(parent), words: readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0') },
      ]
    } catch {
      return []
    }
  })
}

/** Returns the process that has a session's terminal, or that holds its container (`--hold`); undefined where it has ended. */
export function sessionProcess(id: string, flag: '--session' | '--hold' = '--session'): number | undefined {
  return listProcesses().find(({ words }) => words[1] === flag && words[2] === id)?.pid
}

/** Returns true while the shell of a session runs. */
export function hasShell(id: string): boolean {
  const pid = sessionProcess(id)
  return pid !== undefined && listProcesses().some(({ parent }) => parent === pid)
}

/** Ends a run or session, and what holds its container, as `--stop` does, but waits for none that has yet to begin. */
export function stopAll(id: string): void {
  for (const { pid, words } of listProcesses()) {
    if (words[2] !== id || !['--run', '--session', '--hold'].includes(words[1] ?? '')) continue
    try {
      process.kill(pid, 'SIGTERM')
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
    }
  }
}

/** Returns true where a process has ended, or none of its threads does anything at the moment. */
export function isIdle(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).every((task) => readStat(`/proc/${pid}/task/${task}`)[0] === 'S')
  } catch {
    return true
  }
}

/** Returns the processes whose words contain a text. */
export function processesWith(text: string): number[] {
  return listProcesses().flatMap(({ pid, words }) => (words.some((word) => word.includes(text)) ? [pid] : []))
}

/** Returns the processes with this text as their first word. */
export function processesNamed(name: string): number[] {
  return listProcesses().flatMap(({ pid, words }) => (words[0] === name ? [pid] : []))
}
