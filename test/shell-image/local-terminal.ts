import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createTerminal } from '#src/kubernetes/terminal/terminal'

/**
 * Creates the port of sessions with runners on this machine instead of execs in a cluster. `folder`: the folder of
 * `useRunner`; `onStart` is called with each runner that is started.
 */
export function localTerminal(folder: string, onStart: (child: ChildProcess) => void = () => undefined) {
  return createTerminal({
    async openExec(_place, [, ...args]) {
      const child = spawn(join(folder, 'retina-run'), args)
      onStart(child)
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
