import type { V1Pod } from '@kubernetes/client-node'
import type { Connection } from './connection.ts'
import { linesOf } from './lines.ts'
import { sleep } from './watch.ts'

const firstPause = 100
const longestPause = 3_000

/**
 * The lines of a container's log, from its first one on and as they come, until `signal` aborts.
 * After a cut it begins anew, so lines come again: the reader knows them by their numbers. Never rejects:
 * a log that isn't there yet, is cut or gone is told to `trouble` and tried again.
 */
export async function* followLog(
  connection: Connection,
  pod: V1Pod,
  container: string,
  signal: AbortSignal,
  trouble: (error: unknown) => void,
): AsyncGenerator<string> {
  const { namespace = '', name = '' } = pod.metadata ?? {}
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/log`
  for (let pause = firstPause; !signal.aborted; pause = Math.min(pause * 2, longestPause)) {
    try {
      const body = await connection.stream(path, { container, follow: 'true' }, signal)
      for await (const line of linesOf(body)) yield line
    } catch (error) {
      if (!signal.aborted) trouble(error)
    }
    await sleep(pause, signal)
  }
}
