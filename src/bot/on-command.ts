import { type Held, NotOurs } from '#core/intake'
import { isFull, notKeptNotice } from '#core/not-kept'
import type { Notice } from '#core/notice'
import { ChatError } from '#core/ports'
import { accountText } from '#core/request'
import type { Hop } from '#core/span'
import { answer } from './answer.ts'
import type { Conversation } from './conversation.ts'
import type { House } from './house.ts'
import { resume } from './resume.ts'
import { sayOnce } from './say.ts'

/** Seconds over which a person's commands are counted. */
const window = 60

/** Milliseconds for which an answer is tried that the chat doesn't take. */
const longestTelling = 60 * 60_000

function tooMany(limit: number, typed: string): Notice {
  const message = `You have sent more than ${limit} commands in a minute; what comes now is not looked at. Wait a minute.`
  return { kind: 'refused', message, typed }
}

type Asking = Omit<Conversation, 'person'>

/**
 * Hops 2 to 6: who is it, what do they want, may they, and off into the queue. Resolves when the answer is written or the run is
 * queued, or when it is left to whoever takes it next; never rejects.
 */
export function onCommand(house: House) {
  return async (held: Held): Promise<void> => {
    const { id, inbound } = held
    // The door acknowledges first.
    await new Promise((resolve) => setImmediate(resolve))
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
  const asked = await talk.once('count the command', () => house.store.count(`commands:${person.id}`, window))
  const { perPerson } = house.rules()
  if (asked > perPerson) {
    house.count('refused')
    // Told once a window: an answer to each would be a flood of its own.
    if (asked === perPerson + 1) await say(tooMany(perPerson, text))
    return
  }
  await answer(house, { ...talk, person })
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
  const notice: Notice = isFull(error)
    ? notKeptNotice('full', house.rules().contact)
    : { kind: 'trouble', message, reference: id }
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
