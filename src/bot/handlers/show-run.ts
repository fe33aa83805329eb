import { mayReview } from '#core/approvals/approval'
import { fanOutNotice } from '#core/fan-out/fan-out'
import type { Notice } from '#core/messages/message'
import { endedNotice } from '#core/messages/result-message'
import { askingNotice, runCard } from '#core/messages/run-card'
import { noOutput } from '#core/output/output-view'
import type { Conversation } from '#src/bot/command-context'
import type { House } from '#src/bot/context'
import { mayTouch, noSuchRun } from '#src/bot/runs/access'
import { ownFanOut } from '#src/bot/runs/own-fan-outs'
import { readOutcomes } from '#src/lifecycle/fan-out-outcomes'

/** A run of one's own as it stands, with the end of its output. */
export async function showRun(house: House, talk: Conversation, id: string): Promise<Notice> {
  const run = await house.store.run(id)
  const fanOut = run === undefined ? await ownFanOut(house, talk.person, id) : undefined
  if (fanOut !== undefined) return fanOutNotice(fanOut, await readOutcomes(house.store, id))
  // Whoever decides about a request may see it.
  const decides = run?.approval !== undefined && run.state === 'asking' && mayReview(run.approval, talk.person)
  if (run === undefined || !(decides || mayTouch(talk.person, run))) return noSuchRun(talk.inbound.text, id)
  const card = runCard(run)
  const limit = house.adapters.get(talk.inbound.thread.platform)?.limits.outputChars ?? 1_000
  if (run.approval !== undefined && run.state === 'asking')
    return {
      ...askingNotice(run, run.approval, house.now().toISOString()),
      mayDecide: decides && !mayTouch(talk.person, run),
    }
  if (run.end === undefined) {
    if (run.startedAt === undefined) return { kind: 'queued', run: card }
    const elapsed = (house.now().getTime() - Date.parse(run.startedAt)) / 1_000
    return { kind: 'running', run: card, output: noOutput, elapsed }
  }
  return endedNotice(run, run.end, await house.store.storedOutput(id), limit, house.catalogue)
}

/** Runs the same words again, as a new command of whoever asks: it is judged anew. */
export async function rerun(
  house: House,
  talk: Conversation,
  id: string,
  answer: (talk: Conversation) => Promise<void>,
): Promise<void> {
  const run = await house.store.run(id)
  const own = run !== undefined && mayTouch(talk.person, run) ? run.request.typed : undefined
  const typed = run === undefined ? (await ownFanOut(house, talk.person, id))?.typed : own
  if (typed === undefined) {
    await talk.say(noSuchRun(talk.inbound.text, id))
    return
  }
  // Words are read as their platform writes them, which may be another than the one that asks now.
  const { text, entities } = typed
  await answer({ ...talk, entities, inbound: { ...talk.inbound, text } })
}
