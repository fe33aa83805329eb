import type { ThreadRef } from '#core/people/refs'
import { keepSeconds, type Run } from '#core/runs/run'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'

/** Where the newest target of a thread is remembered. */
function threadKey({ platform, team, channel }: Omit<ThreadRef, 'thread'>, root: string): string {
  return `thread:${platform}:${team}:${channel}:${root}`
}

/** Remembers what a thread is about: a tool named there without a target goes to the same one. A fan-out has no one target. */
export async function rememberThread(context: BotContext, run: Run): Promise<void> {
  if (run.fanOut !== undefined) return
  const { message } = run
  await context.store.set(threadKey(message, message.thread ?? message.message), targetWords(run), keepSeconds)
}

/** A run's target as words that begin a `shell` command. Names of the cluster's own, so none needs quotes. */
function targetWords({ request: { target } }: Run): string {
  const cluster = `--context ${target.cluster}`
  if (target.kind === 'node') return `${cluster} node/${target.name}`
  const container = target.container === undefined ? '' : ` --container ${target.container}`
  return `${cluster} -n ${target.namespace}${container} pod/${target.name}`
}

/** The words with the thread's own target, for a tool that was named without one; undefined where the thread is about none. */
export async function withThreadTarget(context: BotContext, { inbound }: CommandContext): Promise<string | undefined> {
  const { thread, text } = inbound
  if (thread.thread === undefined) return undefined
  const target = await context.store.get(threadKey(thread, thread.thread))
  return target === undefined ? undefined : `shell ${target} ${text.trim()}`
}
