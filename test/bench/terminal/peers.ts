import { spawn } from 'node:child_process'
import { PassThrough } from 'node:stream'
import { Exec } from '@kubernetes/client-node'
import type { DevCluster } from '#dev/dev-cluster/cluster'
import { apiOf } from '#test/bench/peers'
import { createOutput, type Shell } from './shell.ts'

/** Begins bash with a terminal in a pod, by the client library alone. */
export async function execShell(cluster: DevCluster, pod: string): Promise<Shell> {
  const { config } = apiOf(cluster)
  const [stdin, stdout] = [new PassThrough(), new PassThrough()]
  const output = createOutput()
  stdout.setEncoding('latin1').on('data', output.add)
  const socket = await new Exec(config).exec('default', pod, 'shell', ['bash'], stdout, null, stdin, true)
  return { type: (text) => void stdin.write(text), shows: output.shows, close: () => socket.close() }
}

/** Begins kubectl in a terminal of its own, which util-linux' `script` makes. */
export function kubectlShell({ kubectlArgv }: DevCluster, args: readonly string[]): Shell {
  return commandShell([...kubectlArgv, ...args].join(' '))
}

/** Begins a command in a terminal of its own. */
export function commandShell(command: string): Shell {
  const child = spawn('script', ['-qefc', command, '/dev/null'], { env: { ...process.env, TERM: 'xterm-256color' } })
  const output = createOutput()
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('latin1').on('data', output.add)
  child.stdin.on('error', () => undefined)
  return { type: (text) => void child.stdin.write(text), shows: output.shows, close: () => void child.kill() }
}

/** Begins bash with a terminal in a pod by `kubectl exec -it`. */
export function kubectlExecShell(cluster: DevCluster, pod: string): Shell {
  return kubectlShell(cluster, ['exec', '-it', '-n', 'default', pod, '--', 'bash'])
}
