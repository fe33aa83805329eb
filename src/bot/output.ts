import type { Notice } from '#core/notice'
import { outputPage } from '#core/output-page'
import type { ThreadRef } from '#core/request'
import { pipelineText } from '#core/request'
import type { Run } from '#core/run'
import { targetText } from '#core/target'
import { mayTouch } from './cancel.ts'
import type { Conversation } from './conversation.ts'
import type { House } from './house.ts'

/**
 * A page of what a run wrote, or the lines of it that hold some words; nothing runs again. For who asked for the run, and for those
 * who are where its message stands: the whole of it was attached there.
 */
export async function showOutput(
  house: House,
  talk: Conversation,
  asked: { id: string; page: number; words?: string },
): Promise<Notice> {
  const { id, words } = asked
  const run = await house.store.run(id)
  const typed = talk.inbound.text
  if (run === undefined || !(mayTouch(talk.person, run) || isHere(run, talk.inbound.thread))) {
    return { kind: 'refused', typed, message: `You have no run ${id}. \`runs\` lists yours.` }
  }
  if (run.end === undefined) {
    return { kind: 'refused', typed, message: `Run ${id} has not ended yet; its message shows what it has written.` }
  }
  const text = (await house.store.transcript(id)) ?? ''
  const chars = house.adapters.get(talk.inbound.thread.platform)?.limits.outputChars ?? 1_000
  const page = outputPage(text, asked, chars)
  const what = `${pipelineText(run.spec.pipeline)} on ${targetText(run.request.target)}`
  return { kind: 'output', run: id, what, ...page, ...(words === undefined ? {} : { words }) }
}

/** True where a run's message stands in the same channel. */
export function isHere({ message }: Run, thread: ThreadRef): boolean {
  return message.platform === thread.platform && message.team === thread.team && message.channel === thread.channel
}
