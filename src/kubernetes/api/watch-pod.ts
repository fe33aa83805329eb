import type { V1Pod } from '@kubernetes/client-node'
import { delay } from '#core/util/delay'
import { apiProblem } from './api-error.ts'
import type { Connection } from './connection.ts'
import { findPod } from './find-pod.ts'
import { linesOf } from './lines.ts'

/** Present state of a pod, or its deletion. */
export type PodEvent = { type: 'pod'; pod: V1Pod } | { type: 'gone' }

type WatchLine = { type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'; object: V1Pod }

const firstPause = 100
const longestPause = 5_000

/**
 * Follows one pod from the state given until `signal` aborts. Reads the pod again after a broken watch; a pod of the
 * same name with another UID counts as gone. Rejects only when the API server forbids it.
 */
export async function* watchPod(connection: Connection, from: V1Pod, signal: AbortSignal): AsyncGenerator<PodEvent> {
  const { name = '', namespace = '', uid } = from.metadata ?? {}
  let version = from.metadata?.resourceVersion ?? ''
  let pause = firstPause
  yield { type: 'pod', pod: from }
  while (!signal.aborted) {
    for await (const line of linesUntilBroken(connection, namespace, name, version, signal)) {
      pause = firstPause
      if (line.type === 'DELETED' || line.object.metadata?.uid !== uid) return yield { type: 'gone' }
      version = line.object.metadata?.resourceVersion ?? version
      if (line.type !== 'BOOKMARK') yield { type: 'pod', pod: line.object }
    }
    if (signal.aborted) return
    await delay(pause, signal)
    pause = Math.min(pause * 2, longestPause)
    const pod = await readAgain(connection, namespace, name)
    if (pod === 'gone' || (pod !== undefined && pod.metadata?.uid !== uid)) return yield { type: 'gone' }
    if (pod !== undefined) {
      version = pod.metadata?.resourceVersion ?? version
      yield { type: 'pod', pod }
    }
  }
}

/** Lines of one watch until it breaks, for whatever reason. Rejects only when the API server forbids it. */
async function* linesUntilBroken(
  ...given: Parameters<typeof watchLines>
): AsyncGenerator<WatchLine & { type: Exclude<WatchLine['type'], 'ERROR'> }> {
  try {
    for await (const { type, object } of watchLines(...given)) {
      if (type === 'ERROR') return
      yield { type, object }
    }
  } catch (error) {
    const signal = given[4]
    const code = apiProblem(error)?.code
    if (!signal.aborted && (code === 403 || code === 401)) throw error
  }
}

async function* watchLines(
  connection: Connection,
  namespace: string,
  name: string,
  resourceVersion: string,
  signal: AbortSignal,
): AsyncGenerator<WatchLine> {
  const query = { watch: 'true', fieldSelector: `metadata.name=${name}`, resourceVersion, allowWatchBookmarks: 'true' }
  const body = await connection.stream(`/api/v1/namespaces/${namespace}/pods`, query, signal)
  for await (const line of linesOf(body)) yield JSON.parse(line) as WatchLine
}

/** Undefined while the API server can't be reached. */
function readAgain(connection: Connection, namespace: string, name: string): Promise<V1Pod | 'gone' | undefined> {
  return findPod(connection, { namespace, name }).then(
    (pod) => pod ?? 'gone',
    () => undefined,
  )
}
