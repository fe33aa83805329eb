import { join } from 'node:path'
import { installPackages } from '#dev/machine/debian'
import { freePort } from '#dev/machine/free-port'
import { startWebProgram } from './web-program.ts'

export type Prometheus = {
  /**
   * Resolves with the values of an expression at an instant (seconds since 1970), each with its labels. Throws with
   * Prometheus' message for an invalid one. Once a scrape has failed, later instants have no values until the next scrape.
   */
  query: (expression: string, at: number) => Promise<readonly Sample[]>
  stop: () => Promise<void>
}
export type Sample = { metric: Record<string, string>; value: [number, string] }

/** Installs Debian's Prometheus and promtool if they are missing. */
export async function installPrometheus(): Promise<void> {
  await installPackages(['prometheus'])
}

/** Starts Debian's Prometheus on loopback, with its data in `folder`, which has its configuration `prometheus.yml`. */
export async function startPrometheus(folder: string): Promise<Prometheus> {
  await installPrometheus()
  const port = await freePort()
  const [data, config] = [join(folder, 'data'), join(folder, 'prometheus.yml')]
  const { base, stop } = await startWebProgram('prometheus', port, [
    `--storage.tsdb.path=${data}`,
    `--config.file=${config}`,
  ])
  return {
    async query(expression, at) {
      const answer = await fetch(`${base}/api/v1/query?time=${at}&query=${encodeURIComponent(expression)}`)
      const body = (await answer.json()) as { error?: string; data?: { result: readonly Sample[] } }
      if (body.data === undefined) throw new Error(`${expression}: ${body.error}`)
      return body.data.result
    },
    stop,
  }
}
