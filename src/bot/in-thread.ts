import type { MessageRef, ThreadRef } from '#core/request'
import { keepSeconds, type Run } from '#core/run'
import { parse } from '#src/command/parse'
import type { Conversation } from './conversation.ts'
import type { House } from './house.ts'

/** Where the newest target of a thread is remembered. */
function threadKey({ platform, team, channel }: ThreadRef, root: string): string {
  return `thread:${platform}:${team}:${channel}:${root}`
}

/** Remembers what a thread is about: a tool named there without a target goes to the same one. */
export async function rememberThread(house: House, run: Run, message: MessageRef): Promise<void> {
  const root = message.thread ?? message.message
  const { platform, team, channel } = message
  await house.store.keep(threadKey({ platform, team, channel }, root), targetWords(run), keepSeconds)
}

/** A run's target as words that begin a `shell` command. Names of the cluster's own, so none needs quotes. */
function targetWords({ request: { target } }: Run): string {
  const cluster = `--context ${target.cluster}`
  if (target.kind === 'node') return `${cluster} node/${target.name}`
  const container = target.container === undefined ? '' : ` --container ${target.container}`
  return `${cluster} -n ${target.namespace}${container} pod/${target.name}`
}

/** The words with the thread's own target, where a tool was named without one; else as they are. Judged like any other command. */
export async function withThreadTarget(house: House, talk: Conversation): Promise<Conversation> {
  const { thread, text } = talk.inbound
  if (thread.thread === undefined) return talk
  const read = parse({ text, entities: talk.entities }, house.catalogue)
  if (read.verb !== 'misunderstood' || read.code !== 'missing-target') return talk
  const target = await house.store.kept(threadKey(thread, thread.thread))
  if (target === undefined) return talk
  return { ...talk, inbound: { ...talk.inbound, text: `shell ${target} ${text.trim()}` } }
}
