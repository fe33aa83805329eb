import { endedNotice, fileOf } from '#core/messages/result-message'
import type { Run } from '#core/runs/run'
import type { Conversation } from '#src/bot/command-context'
import type { House } from '#src/bot/context'
import { mayTouch, noSuchRun } from '#src/bot/runs/access'
import { show } from '#src/lifecycle/update-message'

/**
 * Has the container ended that stayed ready after a run of one's own, or that the run went into. The run's own message shows it;
 * words answer only when nothing is to be done.
 */
export async function endSession(house: House, { person, say, inbound }: Conversation, id: string): Promise<void> {
  const run = await house.store.run(id)
  if (run === undefined || !mayTouch(person, run)) {
    await say(noSuchRun(inbound.text, id))
    return
  }
  const place = house.sessions.read(run)
  const { name: by } = person
  const record = { why: 'asked for', ...(place === undefined || place === 'forged' ? {} : { pod: place.session.pod }) }
  await house.audit('session-ended', id, person.id, record)
  const stood = place !== undefined && place !== 'forged' && (await house.sessions.end(place, { by, why: 'asked for' }))
  await forget(house, run)
  if (stood) return
  await say({ kind: 'refused', typed: inbound.text, message: `Nothing stands ready after run ${id} any more.` })
}

/** Takes the button away. */
async function forget(house: House, run: Run): Promise<void> {
  if (run.kept === undefined || run.end === undefined) return
  const ended = await house.store.changeRun(run.id, ({ kept: _kept, ...rest }) => rest)
  const limits = house.adapters.get(run.message.platform)?.limits
  if (ended?.end === undefined || limits === undefined) return
  const stored = await house.store.storedOutput(run.id)
  const notice = endedNotice(ended, ended.end, stored, limits.outputChars, house.catalogue)
  await show(house, run.message, { ...notice, ...fileOf(run, notice.output, stored.size, limits) })
}
