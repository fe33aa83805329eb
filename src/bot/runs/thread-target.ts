import type { MessageRef, ThreadRef } from '#core/messages/thread-ref'
import { verified } from '#core/ports/store'
import type { Target } from '#core/request/target'
import { type Run, runRetentionSeconds } from '#core/runs/run'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'

/** Returns the key of the newest target of a thread. */
function threadKey({ platform, team, channel }: Omit<ThreadRef, 'thread'>, root: string): string {
  return `${platform}:${team}:${channel}:${root}`
}

/**
 * Saves the target of a thread: a tool named there without a target uses the same one. A fan-out has no single target.
 */
export async function rememberThread(
  context: Pick<BotContext, 'store'>,
  { fanOut, message, request }: Run,
): Promise<void> {
  if (fanOut !== undefined) return
  const key = threadKey(message, message.thread ?? message.message)
  await context.store.setValue('thread-target', key, request.target, runRetentionSeconds)
}

/** Returns the target of the thread that a command was typed in; undefined where the thread has none. */
export async function threadTarget(
  context: Pick<BotContext, 'store'>,
  { inbound }: CommandContext,
): Promise<Target | undefined> {
  const { thread } = inbound
  if (thread.thread === undefined) return undefined
  return verified(await context.store.getValue('thread-target', threadKey(thread, thread.thread)))
}

/** Saves the newest triage of a thread, which `triage --again` repeats there. */
export async function rememberTriage(
  context: BotContext,
  { message, id }: { message: MessageRef; id: string },
): Promise<void> {
  const key = threadKey(message, message.thread ?? message.message)
  await context.store.setValue('thread-triage', key, { id }, runRetentionSeconds)
}

/** Returns the id of the newest triage of the thread that a command was typed in. */
export async function threadTriage(context: BotContext, { inbound }: CommandContext): Promise<string | undefined> {
  const { thread } = inbound
  if (thread.thread === undefined) return undefined
  return verified(await context.store.getValue('thread-triage', threadKey(thread, thread.thread)))?.id
}

/** Returns a target as it is typed after `shell`. These are names of the cluster, so none needs quotes. */
export function targetWords(target: Target): readonly string[] {
  const cluster = ['--context', target.cluster]
  if (target.kind === 'node') return [...cluster, `node/${target.name}`]
  const container = target.container === undefined ? [] : ['--container', target.container]
  return [...cluster, '-n', target.namespace, ...container, `pod/${target.name}`]
}
