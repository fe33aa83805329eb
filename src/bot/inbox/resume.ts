import { keptFanOut } from '#core/fan-out/fan-out'
import type { Notice } from '#core/messages/message'
import type { Held } from '#core/ports/inbox'
import { longestWait, type Run } from '#core/runs/run'
import type { Conversation } from '#src/bot/command-context'
import type { House } from '#src/bot/context'
import { intoQueue } from '#src/bot/runs/enqueue'
import { tellUnrunLate } from '#src/lifecycle/end-unstarted'
import { hasLastWord } from './reply.ts'

const interrupted =
  'The bot was interrupted just as this came in, so it was not looked at. Nothing was run; ask again if you still want it.'
const tooLate =
  'The bot was away, and more than five minutes have passed, so this was not looked at. Nothing was run; ask again if you still want it.'

/**
 * A command whose holder was cut off: what stands of it is brought to its end. False where nothing stands that would be in the way
 * of beginning anew.
 */
export async function resume(house: House, held: Held, talk: Pick<Conversation, 'say' | 'stands'>): Promise<boolean> {
  const { id, inbound } = held
  house.log.info({ command: id }, 'taken over: whoever had it was cut off')
  if (hasLastWord(held)) return true
  const run = await house.store.run(id)
  if (run !== undefined) {
    talk.stands()
    await finish(house, run)
    return true
  }
  const refused = (message: string): Notice => ({ kind: 'refused', message, typed: inbound.text })
  if (held.as === 'unsure') {
    await talk.say(refused(interrupted))
    return true
  }
  const late = house.now().getTime() - Date.parse(inbound.at) > longestWait
  if (!late || held.noted('stands') === true) return false
  // Of a fan-out that was begun, workers say themselves what never ran.
  if ((await house.store.kept(keptFanOut(id))) === undefined) await talk.say(refused(tooLate))
  return true
}

/** Whatever its state, its message stands: it was saved after that. */
async function finish(house: House, run: Run): Promise<void> {
  // What was asked for and approved meanwhile is released by whoever approved it.
  const isOurs = run.state === 'queued' && run.approval === undefined
  if (isOurs && !(await house.queue.has(run.id))) await intoQueue(house, run)
  if (run.end !== undefined && run.startedAt === undefined && run.toldAt === undefined) await tellUnrunLate(house, run)
}
