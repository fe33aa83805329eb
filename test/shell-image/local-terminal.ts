import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTerminal } from '#src/kubernetes/terminal/terminal'
import { waitUntil } from '#test/flow/wait-for'

/**
 * Creates the port of sessions with runners on this machine instead of execs in a cluster. `folder`: the folder of
 * `useRunner`; `onSession` is called with the id of each session that is
 * started, `onAttach` with each process that joins one.
 */
export function localTerminal(
  folder: string,
  onSession: (id: string) => void,
  onAttach: (child: ChildProcess) => void = () => undefined,
) {
  const held = new Set<string>()
  return createTerminal({
    explain: async (_place, error) => error,
    async openExec(_place, [, ...args], { id }) {
      if (args[0] === '--session' && !held.has(id)) {
        held.add(id)
        onSession(id)
        await holdContainer(join(folder, 'retina-run'), id)
      }
      const child = spawn(join(folder, 'retina-run'), args)
      if (args[0] === '--attach') onAttach(child)
      child.stdin.on('error', () => undefined)
      let stderr = ''
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text
      })
      const { promise: exited, resolve } = Promise.withResolvers<number | null>()
      child.once('exit', resolve)
      return {
        stdout: child.stdout,
        ended: exited.then((exitCode) => ({
          stderr,
          ...(exitCode === null ? {} : { status: { exitCode, message: '' } }),
        })),
        write: (data) => void child.stdin.write(data),
        hold: () => undefined,
        close: () => void child.kill('SIGKILL'),
      }
    },
  })
}

/** Starts what holds a container for a session, and waits until it can be seen. */
async function holdContainer(runner: string, id: string): Promise<void> {
  const child = spawn(runner, ['--hold', id, '--life', '600'], { stdio: 'ignore' })
  await waitUntil('the container is held', () => readFileSync(`/proc/${child.pid}/cmdline`, 'utf8').includes('--hold'))
}
