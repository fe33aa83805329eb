import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export type ManyShells = {
  /** Opens the shell of a link, and types a command where there is one. */
  begin: (link: string, command?: string) => Promise<void>
  /** Resolves with the number of lines that all shells were shown. */
  lines: () => Promise<number>
  /** Ends all shells, and the process. */
  close: () => Promise<void>
}

/**
 * Prints 200 numbered lines a second. `read` with a time limit on a pipe into which nobody writes waits without a process of its own.
 */
export const counter = 'exec 9<> <(:); i=0; while :; do i=$((i+1)); echo "tick $i"; read -t 0.005 -u 9; done'

/** Starts a process that has the browsers of many shells (many-shells.ts). */
export function openManyShells(): ManyShells {
  const child = fork(join(import.meta.dirname, 'many-shells.ts'))
  const died = once(child, 'exit').then(([code]) => {
    throw new Error(`the browsers' process ended with code ${code}`)
  })
  died.catch(() => undefined)
  const ask = async (asked: object): Promise<number> => {
    child.send(asked)
    const [answer] = (await Promise.race([once(child, 'message'), died])) as [{ value?: number; error?: string }]
    if (answer.value === undefined) throw new Error(answer.error)
    return answer.value
  }
  return {
    async begin(link, command) {
      await ask({ begin: { link, command } })
    },
    lines: () => ask({ count: true }),
    async close() {
      await ask({ end: true })
      child.disconnect()
    },
  }
}
