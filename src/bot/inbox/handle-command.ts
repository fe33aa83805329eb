import type { Notice } from '#core/messages/message'
import { isFull, notKeptNotice } from '#core/messages/not-accepted'
import { accountText } from '#core/people/principal'
import { ChatError, type InboundCommand } from '#core/ports/chat'
import { type Held, NotOurs } from '#core/ports/inbox'
import type { Hop } from '#core/runs/trace-steps'
import type { Conversation } from '#src/bot/command-context'
import type { House } from '#src/bot/context'
import { answer } from '#src/bot/handlers/dispatch'
import { oneEachTurn } from './one-per-turn.ts'
import { sayOnce } from './reply.ts'
import { resume } from './resume.ts'

/** Seconds over which commands of a person, and of a channel, are counted. */
const window = 60

/** Milliseconds for which an answer is tried that the chat doesn't take. */
const longestTelling = 60 * 60_000

/** What goes over a limit isn't looked at, and is told once a window: an answer to each would be a flood of its own. */
async function overLimit(house: House, { thread }: InboundCommand, person: string): Promise<Over | null> {
  const { perPerson, perChannel } = house.rules()
  const own = await house.store.count(`commands:${person}`, window)
  if (own > perPerson) {
    const message = `You have sent more than ${perPerson} commands in a minute; ${ignored}. Wait a minute.`
    return { message, first: own === perPerson + 1, concerns: 'person' }
  }
  const { platform, team, channel } = thread
  const all = await house.store.count(`commands-in:${platform}:${team}:${channel}`, window)
  if (all <= perChannel) return null
  const message = `More than ${perChannel} commands came from this channel in a minute; ${ignored}. Wait a minute, or ask elsewhere.`
  return { message, first: all === perChannel + 1, concerns: 'channel' }
}

const ignored = 'what comes now is not looked at'

type Over = { message: string; first: boolean; concerns: 'person' | 'channel' }

type Asking = Omit<Conversation, 'person'>

/**
 * Hops 2 to 6: who is it, what do they want, may they, and off into the queue. Resolves when the answer is written or the run is
 * queued, or when it is left to whoever takes it next; never rejects.
 */
export function onCommand(house: House) {
  const turn = oneEachTurn()
  return async (held: Held): Promise<void> => {
    const { id, inbound } = held
    // The door acknowledges first, this one and those that come meanwhile.
    await turn()
    const adapter = house.adapters.get(inbound.thread.platform)
    // Another bot has that door.
    if (adapter === undefined) return held.leave()
    let standing = false
    const talk: Asking = {
      id,
      inbound,
      entities: inbound.account.platform === 'slack',
      again: held.as !== 'new',
      say: sayOnce(house, adapter, held),
      once: (step, work) => once(house, held, step, work),
      stands() {
        standing = true
        void held.note('stands', true)
      },
    }
    try {
      await house.span(id, 'make sure of the command', held.ours)
      if (held.as === 'new') house.count('commands')
      if (held.as === 'new' || !(await resume(house, held, talk))) await carryOn(house, talk)
      await house.span(id, 'forget the command', held.done)
    } catch (error) {
      await failed(house, held, { talk, standing, error })
    }
  }
}

async function once<T>(house: House, held: Held, step: Hop, work: () => Promise<T>): Promise<T> {
  const before = held.noted(step)
  if (before !== undefined) return before as T
  await held.ours()
  const result = await house.span(held.id, step, work)
  await held.note(step, result)
  return result
}

async function carryOn(house: House, talk: Asking): Promise<void> {
  const { id, inbound, say } = talk
  const { account, text } = inbound
  const person = await house.span(id, 'who asks', () => house.directory.person(account))
  if ('refused' in person) {
    house.count('refused')
    await house.audit('unknown-person', id, accountText(person.account), { why: person.refused, typed: text })
    house.log.info({ command: id, account: account.user, team: account.team }, `refused: ${person.refused}`)
    await say({ kind: 'refused', message: person.refused, typed: text })
    return
  }
  const over = await talk.once('count the command', () => overLimit(house, talk.inbound, person.id))
  if (over !== null) {
    house.count('refused')
    const { message, first, concerns } = over
    // Everybody in the channel should know why they get no answer.
    if (first) await say({ kind: 'refused', message, typed: text, ...(concerns === 'channel' ? { toAll: true } : {}) })
    return
  }
  // By the clock that all processes share: how long it may wait is counted from then.
  const at = house.now().toISOString()
  await answer(house, { ...talk, inbound: { ...talk.inbound, at }, person })
}

type Failure = { talk: Asking; standing: boolean; error: unknown }

/** Tells it, or leaves the command to be tried again: where something of it stands already, or the chat doesn't take the words. */
async function failed(house: House, held: Held, { talk, standing, error }: Failure): Promise<void> {
  const { id } = held
  if (error instanceof NotOurs) {
    house.log.info({ command: id }, 'another bot goes on with it')
    return
  }
  house.log.error({ command: id, error: describe(error) }, 'command failed')
  if (standing) return held.leave()
  const message = 'Something broke on our side while this was looked at; nothing was run. Try it again.'
  const { text: typed } = held.inbound
  const notice: Notice = isFull(error)
    ? { ...notKeptNotice('full', house.rules().contact), typed }
    : { kind: 'trouble', message, typed, reference: id }
  try {
    await talk.say(notice)
    await held.done()
  } catch (failure) {
    house.log.error({ command: id, error: describe(failure) }, 'answer not delivered')
    const never = failure instanceof ChatError && failure.permanent
    const tooLate = house.now().getTime() - Date.parse(held.inbound.at) > longestTelling
    if (never || tooLate) await held.done().catch(() => held.leave())
    else held.leave()
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
