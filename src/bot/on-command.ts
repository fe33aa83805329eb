import type { Notice } from '#core/notice'
import type { InboundCommand } from '#core/ports'
import { accountText } from '#core/request'
import { answer } from './answer.ts'
import type { House } from './house.ts'
import { runIdOf } from './run-id.ts'

/** Seconds that a command is remembered as done: platforms deliver one again for minutes, replays are refused after five. */
const claimSeconds = 24 * 3_600

/** Seconds over which commands of a person, and of a channel, are counted. */
const window = 60

/** What concerns nobody but who asked: shown to them alone, where the platform can. */
const forOneOnly: ReadonlySet<Notice['kind']> = new Set(['help', 'misunderstood', 'refused', 'confirm', 'link'])

/** What goes over a limit isn't looked at, and is told once a window: an answer to each would be a flood of its own. */
async function overLimit(house: House, { thread }: InboundCommand, person: string): Promise<Over | undefined> {
  const { perPerson, perChannel } = house.rules()
  const own = await house.store.count(`commands:${person}`, window)
  if (own > perPerson) {
    const message = `You have sent more than ${perPerson} commands in a minute; ${ignored}. Wait a minute.`
    return { message, first: own === perPerson + 1, concerns: 'person' }
  }
  const { platform, team, channel } = thread
  const all = await house.store.count(`commands-in:${platform}:${team}:${channel}`, window)
  if (all <= perChannel) return undefined
  const message = `More than ${perChannel} commands came from this channel in a minute; ${ignored}. Wait a minute, or ask elsewhere.`
  return { message, first: all === perChannel + 1, concerns: 'channel' }
}

const ignored = 'what comes now is not looked at'

type Over = { message: string; first: boolean; concerns: 'person' | 'channel' }

/**
 * Hops 2 to 6: who is it, what do they want, may they, and off into the queue.
 * Resolves when the answer is written or the run is queued; never rejects.
 */
export function onCommand(house: House) {
  return async (inbound: InboundCommand): Promise<void> => {
    const adapter = house.adapters.get(inbound.thread.platform)
    if (adapter === undefined) throw new Error(`no adapter for ${inbound.thread.platform}`)
    const { account, thread, text } = inbound
    const id = runIdOf(account.platform, account.team, thread.channel, inbound.key, account.user, text)
    const say = (notice: Notice) =>
      forOneOnly.has(notice.kind) ? adapter.whisper(thread, account, notice) : adapter.post(thread, notice)
    try {
      if (!(await house.store.claim(id, claimSeconds))) {
        house.count('duplicates')
        return
      }
      house.count('commands')
      const person = await house.span(id, 'who asks', () => house.directory.person(account))
      if ('refused' in person) {
        house.count('refused')
        await house.audit('unknown-person', id, accountText(person.account), { why: person.refused, typed: text })
        house.log.info({ command: id, account: account.user, team: account.team }, `refused: ${person.refused}`)
        await say({ kind: 'refused', message: person.refused, typed: text })
        return
      }
      const over = await overLimit(house, inbound, person.id)
      if (over !== undefined) {
        house.count('refused')
        const notice: Notice = { kind: 'refused', message: over.message, typed: text }
        // Everybody in the channel should know why they get no answer.
        if (over.first) await (over.concerns === 'channel' ? adapter.post(thread, notice) : say(notice))
        return
      }
      // By the clock that all processes share: how long it may wait is counted from then.
      const at = house.now().toISOString()
      await answer(house, { id, inbound: { ...inbound, at }, person, say, entities: account.platform === 'slack' })
    } catch (error) {
      house.log.error({ command: id, error: describe(error) }, 'command failed')
      await say({
        kind: 'trouble',
        message: 'Something broke on our side while this was looked at; nothing was run. Try it again.',
        reference: id,
      }).catch((failure: unknown) => house.log.error({ command: id, error: describe(failure) }, 'answer not delivered'))
    }
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
