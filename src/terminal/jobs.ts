import { sessionMessage } from '#core/messages/session-message'
import { verified } from '#core/ports/store'
import type { Run } from '#core/runs/run'
import { findTimeUp } from '#core/terminal/terminal-session'
import { currentPause } from '#src/lifecycle/current-pause'
import { endTerminal } from '#src/lifecycle/end-terminal'
import { forgetSession, listedSessions } from '#src/lifecycle/open-terminal-sessions'
import { updateMessage } from '#src/lifecycle/update-message'
import type { TerminalJobsContext } from './context.ts'
import { findLostRight } from './find-lost-right.ts'
import { removeSession } from './remove-session.ts'
import { showTimeLeft } from './show-time-left.ts'

/** Seconds after which another process tries what one has begun. */
const retrySeconds = 30

/** Containers that a process removes at a time. */
const maxRemovals = 20

/** Work that is in progress, by session: at most one of each session, and `most` in all. */
function createPool(most: number) {
  const running = new Map<string, Promise<void>>()
  return {
    /** Begins the work of a session. Returns false where its earlier one is in progress, or too many are. */
    begin(id: string, work: () => Promise<void>): boolean {
      if (running.has(id) || running.size >= most) return false
      const promise = work().finally(() => running.delete(id))
      running.set(id, promise)
      return true
    },
    done: async () => void (await Promise.all(running.values())),
  }
}

/**
 * Starts the job of any terminal process for all sessions; returns the function that stops it. Sessions don't wait for each other: neither a chat
 * nor a cluster that answers slowly delays the end of another session whose person lost a right.
 */
export function startTerminalJobs(context: TerminalJobsContext): () => Promise<void> {
  const pools = { checks: createPool(Number.POSITIVE_INFINITY), removals: createPool(maxRemovals) }
  /** Sessions whose earlier check was in progress when the policy changed. */
  const unchecked = new Set<string>()
  let running: Promise<void> = Promise.resolve()
  let isBusy = false
  let checkedRules = context.rules()
  const tick = () => {
    if (isBusy) return
    isBusy = true
    // A person who lost a right by a change of the policy loses the shell at once.
    const rules = context.rules()
    const areNew = rules !== checkedRules
    checkedRules = rules
    running = sweepTerminals(context, { ...pools, unchecked, areRulesNew: areNew })
      .catch((error: unknown) => context.log.warn({ error: String(error) }, 'sessions could not be checked'))
      .finally(() => {
        isBusy = false
      })
  }
  const timer = setInterval(tick, context.timing.terminalSweepMs)
  return async () => {
    clearInterval(timer)
    await running
    await Promise.all([pools.checks.done(), pools.removals.done()])
  }
}

type Sweep = {
  checks: ReturnType<typeof createPool>
  removals: ReturnType<typeof createPool>
  unchecked: Set<string>
  areRulesNew: boolean
}

/**
 * Ends sessions whose time is up, whose rights are lost, or that a pause ends; removes the containers of ended ones; shows the time that is left.
 * Safe to run in any number of processes.
 */
async function sweepTerminals(context: TerminalJobsContext, sweep: Sweep): Promise<void> {
  const { checks, removals, unchecked } = sweep
  const logged = (id: string, work: () => Promise<void>) => () =>
    work().catch((error: unknown) =>
      context.log.warn({ run: id, error: String(error) }, 'a session could not be checked'),
    )
  for (const { id } of await listedSessions(context.store)) {
    const run = verified(await context.store.run(id))
    // Without a record, the sweep of any worker removes the container.
    if (run?.terminal === undefined || (run.terminal.removed && run.toldAt !== undefined))
      await forgetSession(context.store, id)
    else if (run.state === 'running') {
      const areRulesNew = sweep.areRulesNew || unchecked.has(id)
      const hasBegun = checks.begin(
        id,
        logged(id, () => checkOpen(context, run, areRulesNew)),
      )
      if (areRulesNew && !hasBegun) unchecked.add(id)
      else unchecked.delete(id)
    } else if (run.state === 'ended') {
      removals.begin(
        id,
        logged(id, () => finish(context, run)),
      )
    }
  }
}

async function checkOpen(context: TerminalJobsContext, run: Run, areRulesNew: boolean): Promise<void> {
  const now = context.now().toISOString()
  const over = run.terminal === undefined ? undefined : findTimeUp(run.terminal, now)
  if (over !== undefined) {
    await endTerminal(context, run, over)
    return
  }
  const rightsSeconds = context.timing.terminalRightsMs / 1_000
  const isPaused = (await currentPause(context)) !== undefined
  if (isPaused || areRulesNew || (await context.store.acquireLock(`terminal-rights:${run.id}`, rightsSeconds))) {
    const lost = await findLostRight(context, run)
    if (lost !== undefined && lost !== 'unknown') {
      await endTerminal(context, run, lost)
      return
    }
  }
  await showTimeLeft(context, run)
}

/** Removes the container of an ended session, and shows its end where no process has. */
async function finish(context: TerminalJobsContext, run: Run): Promise<void> {
  if (!(await context.store.acquireLock(`terminal-remove:${run.id}`, retrySeconds))) return
  const now = context.now().toISOString()
  if (run.toldAt === undefined && (await updateMessage(context, run.message, sessionMessage(run, now))))
    await context.store.changeRun(run.id, (saved) => ({ ...saved, toldAt: now }))
  await removeSession(context, run)
}
