import { readdirSync, readFileSync } from 'node:fs'

type Process = { pid: number; parent: number; words: readonly string[] }

/** Returns the processes of this machine that haven't ended. */
function listProcesses(): Process[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      if (!/^\d+$/.test(pid)) return []
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
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

/** Returns the processes whose words contain a text. */
export function processesWith(text: string): number[] {
  return listProcesses().flatMap(({ pid, words }) => (words.some((word) => word.includes(text)) ? [pid] : []))
}

/** Returns the processes with this text as their first word. */
export function processesNamed(name: string): number[] {
  return listProcesses().flatMap(({ pid, words }) => (words[0] === name ? [pid] : []))
}
