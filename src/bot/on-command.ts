import type { Notice } from '#core/notice'
import type { InboundCommand } from '#core/ports'
import { accountText } from '#core/request'
import { answer } from './answer.ts'
import type { House } from './house.ts'
import { runIdOf } from './run-id.ts'

/** Seconds that a command is remembered as done: platforms deliver one again for minutes, replays are refused after five. */
const claimSeconds = 24 * 3_600

/** Seconds over which a person's commands are counted. */
const window = 60

/** What concerns nobody but who asked: shown to them alone, where the platform can. */
const forOneOnly: ReadonlySet<Notice['kind']> = new Set(['help', 'misunderstood', 'refused', 'confirm', 'link'])

function tooMany(limit: number, typed: string): Notice {
  const message = `You have sent more than ${limit} commands in a minute; what comes now is not looked at. Wait a minute.`
  return { kind: 'refused', message, typed }
}

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
      const asked = await house.store.count(`commands:${person.id}`, window)
      const { perPerson } = house.rules()
      if (asked > perPerson) {
        house.count('refused')
        // Told once a window: an answer to each would be a flood of its own.
        if (asked === perPerson + 1) await say(tooMany(perPerson, text))
        return
      }
      await answer(house, { id, inbound, person, say, entities: account.platform === 'slack' })
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
