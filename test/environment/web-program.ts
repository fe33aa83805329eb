import { spawn } from 'node:child_process'
import { waitUntil } from '#test/flow/wait-for'

/**
 * Starts a program of the Prometheus family on loopback, and waits until `/-/ready` answers. Returns its base URL, and the function
 * that ends it.
 */
export async function startWebProgram(
  program: string,
  port: number,
  args: readonly string[],
): Promise<{ base: string; stop: () => Promise<void> }> {
  const child = spawn(program, [`--web.listen-address=127.0.0.1:${port}`, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  const base = `http://127.0.0.1:${port}`
  const isReady = () =>
    fetch(`${base}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
  await waitUntil(`${program} is ready`, isReady, { instead: () => log })
  return {
    base,
    async stop() {
      const ended = new Promise((resolve) => child.once('close', resolve))
      child.kill('SIGKILL')
      await ended
    },
  }
}
