import { readdirSync, readFileSync } from 'node:fs'
import { terminalContract } from '#test/contract/terminal'
import { sessionShell } from '#test/samples/session-shell'
import { localTerminal } from './local-terminal.ts'
import { useRunner } from './use-runner.ts'

const { folder } = useRunner()
const place = { cluster: 'dev', namespace: 'here', pod: 'here', container: 'here' }
const terminal = localTerminal(folder)

/** Returns the processes of this machine whose words contain a session's id. */
function processesOf(id: string): number[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(id) ? [Number(pid)] : []
    } catch {
      return []
    }
  })
}

terminalContract('The runner', async () => ({
  terminal,
  place,
  shell: sessionShell,
  hasEnded: async (id) => childrenOf(processesOf(id)).length === 0,
}))

/** Returns the processes whose parent is one of these. */
function childrenOf(parents: readonly number[]): number[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      if (!/^\d+$/.test(pid)) return []
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return state !== 'Z' && parents.includes(Number(parent)) ? [Number(pid)] : []
    } catch {
      return []
    }
  })
}
