import type { Cluster, DebugProcess, DebugRun } from '#core/ports/cluster'
import type { Session } from '#core/sessions/session'

/** Runs tools in warm containers, through the program's own port. */
export type WarmTools = {
  /** Starts a tool in a container with exactly the rights of its spec: the first one creates it, others with the same rights reuse it. */
  begin: (work: DebugRun) => Promise<DebugProcess>
  /** Ends all containers. */
  end: () => Promise<void>
}

/** Opens warm containers for tools on a cluster. `end` has to be called. */
export function warmTools(port: Cluster): WarmTools {
  const containers = new Map<string, Promise<Session>>()
  const never = new AbortController().signal
  const begin = async (work: DebugRun) => {
    const { capabilities, host, user, target } = work.spec
    const key = JSON.stringify([target, capabilities.toSorted(), host, user])
    const ready = containers.get(key)
    if (ready !== undefined) {
      const process = await port.execInSession(work, await ready, 'begin', never)
      if (process === undefined) throw new Error(`${work.id} could not be begun in ${(await ready).pod}`)
      return process
    }
    const process = port.launch({ ...work, stay: { idle: 120, life: 600 } }, never)
    const until = new Date(Date.now() + 600_000).toISOString()
    const failed = process.ended.then((end) => {
      throw new Error(`${work.id} ended before its container was there: ${JSON.stringify(end)}`)
    })
    const session = Promise.race([process.started, failed]).then(
      (where) => ({ ...where, until, cluster: port.name, kind: target.kind, run: work.id }) as const,
    )
    // Who waits for the container reports the error.
    session.catch(() => undefined)
    failed.catch(() => undefined)
    containers.set(key, session)
    return process
  }
  const end = async () => {
    for (const ready of containers.values()) {
      const session = await ready.catch(() => undefined)
      if (session !== undefined) await port.end(session)
    }
  }
  return { begin, end }
}
