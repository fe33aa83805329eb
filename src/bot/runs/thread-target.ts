import type { ThreadRef } from '#core/messages/thread-ref'
import { type Run, runRetentionSeconds } from '#core/runs/run'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'

/** Returns the key of the newest target of a thread. */
function threadKey({ platform, team, channel }: Omit<ThreadRef, 'thread'>, root: string): string {
  return `thread:${platform}:${team}:${channel}:${root}`
}

/**
 * Saves the target of a thread: a tool named there without a target uses the same one. A fan-out has no single target.
 */
export async function rememberThread(context: BotContext, run: Run): Promise<void> {
  if (run.fanOut !== undefined) return
  const { message } = run
  await context.store.set(threadKey(message, message.thread ?? message.message), formatTarget(run), runRetentionSeconds)
}

/**
 * Formats a run's target as the beginning of a `shell` command. These are names of the cluster, so none needs quotes.
 */
function formatTarget({ request: { target } }: Run): string {
  const cluster = `--context ${target.cluster}`
  if (target.kind === 'node') return `${cluster} node/${target.name}`
  const container = target.container === undefined ? '' : ` --container ${target.container}`
  return `${cluster} -n ${target.namespace}${container} pod/${target.name}`
}

/**
 * Returns the command text with the thread's target, for a tool that was named without one; undefined where the thread
 * has no target.
 */
export async function withThreadTarget(context: BotContext, { inbound }: CommandContext): Promise<string | undefined> {
  const { thread, text } = inbound
  if (thread.thread === undefined) return undefined
  const target = await context.store.get(threadKey(thread, thread.thread))
  return target === undefined ? undefined : `shell ${target} ${text.trim()}`
}
