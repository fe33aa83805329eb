import type { SessionPlace, TerminalSize } from '#core/ports/terminal'
import { isSpecOf } from '#core/runs/debug-spec'
import type { Run } from '#core/runs/run'
import { detachedSeconds } from '#core/terminal/terminal-session'
import type { TerminalContext } from './context.ts'
import { toTerminalWork } from './remove-session.ts'

/** Error of a session whose stored specification isn't what its request and the configuration say. */
export class ChangedSpecError extends Error {
  constructor() {
    super('what would run is not what the request and the configuration say; open another shell')
    this.name = 'ChangedSpecError'
  }
}

/**
 * Returns the container of a session's shell; makes it and starts the shell at the first connection. Both are idempotent, so that a process that
 * dies in between leaves nothing that another one can't go on with.
 */
export async function ensureShell(
  context: TerminalContext,
  run: Run,
  size: TerminalSize,
  signal: AbortSignal,
): Promise<SessionPlace> {
  const { terminal, spec } = run
  if (terminal?.place !== undefined) return terminal.place
  if (!isSpecOf(spec, { ...run.request, id: run.id }, context.rules().defaults, spec.deadline))
    throw new ChangedSpecError()
  const { cluster, namespace, pod, container } = await context.containers.create(toTerminalWork(run), signal)
  const place = { cluster, namespace, pod, container }
  const until = Date.parse(terminal?.until ?? '')
  await context.shells.start(place, {
    by: run.request.by,
    ...{ id: run.id, argv: run.spec.pipeline[0] ?? [], size, keyHex: context.sessionKey(run.id), detachedSeconds },
    maxSeconds: Math.max(1, Math.ceil((until - context.now().getTime()) / 1_000)),
  })
  await context.audit('started', run.id, run.request.by.id, { pod, namespace })
  await context.store.changeRun(run.id, (saved) =>
    saved.terminal === undefined ? undefined : { ...saved, terminal: { ...saved.terminal, place } },
  )
  return place
}
