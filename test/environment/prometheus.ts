import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { installPackages } from '#dev/machine/debian'
import { freePort } from '#dev/machine/redis'
import { waitUntil } from '#test/flow/wait-for'

export type Prometheus = {
  /** Resolves with the values of an expression, each with its labels. Throws with Prometheus' message for an invalid one. */
  query: (expression: string) => Promise<readonly Sample[]>
  stop: () => Promise<void>
}
export type Sample = { metric: Record<string, string>; value: [number, string] }

/** Starts Debian's Prometheus on loopback, with its data in `folder`, which has its configuration `prometheus.yml`. */
export async function startPrometheus(folder: string): Promise<Prometheus> {
  await installPackages(['prometheus'])
  const port = await freePort()
  const [data, config] = [join(folder, 'data'), join(folder, 'prometheus.yml')]
  const args = [`--web.listen-address=127.0.0.1:${port}`, `--storage.tsdb.path=${data}`, `--config.file=${config}`]
  const child = spawn('prometheus', args, { stdio: ['ignore', 'ignore', 'pipe'] })
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
  await waitUntil('Prometheus is ready', isReady, 60, () => log)
  return {
    async query(expression) {
      const answer = await fetch(`${base}/api/v1/query?query=${encodeURIComponent(expression)}`)
      const body = (await answer.json()) as { error?: string; data?: { result: readonly Sample[] } }
      if (body.data === undefined) throw new Error(`${expression}: ${body.error}`)
      return body.data.result
    },
    async stop() {
      const ended = new Promise((resolve) => child.once('close', resolve))
      child.kill('SIGKILL')
      await ended
    },
  }
}
