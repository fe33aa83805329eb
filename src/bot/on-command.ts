import type { Notice } from '#core/notice'
import type { InboundCommand } from '#core/ports'
import { accountText, type Principal } from '#core/request'
import { toolsOf } from '#core/rights'
import { helpNotice } from '#src/command/help'
import { parse } from '#src/command/parse'
import { admit } from './admit.ts'
import { listNodes, listPods, listRuns, versionNotice, whoami } from './answers.ts'
import { cancelRun } from './cancel.ts'
import type { Conversation } from './conversation.ts'
import { fanOut } from './fan-out.ts'
import type { House } from './house.ts'
import { review } from './on-review.ts'
import { rerun, showRun } from './past-runs.ts'
import { runIdOf } from './run-id.ts'

/** Seconds that a command is remembered as done: platforms deliver one again for minutes, replays are refused after five. */
const claimSeconds = 24 * 3_600

/** Seconds over which a person's commands are counted. */
const window = 60

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
    const say = (notice: Notice) => adapter.post(thread, notice)
    try {
      if (!(await house.store.claim(id, claimSeconds))) {
        house.count('duplicates')
        return
      }
      house.count('commands')
      const person = await house.directory.person(account)
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

async function answer(house: House, talk: Conversation): Promise<void> {
  const { text } = talk.inbound
  const command = parse({ text, entities: talk.entities }, house.catalogue)
  switch (command.verb) {
    case 'misunderstood':
      house.count('misunderstood')
      await talk.say({
        kind: 'misunderstood',
        message: command.message,
        typed: text,
        ...(command.suggestion === undefined ? {} : { suggestion: command.suggestion }),
      })
      return
    case 'shell':
      return admit(house, talk, command)
    case 'fan-out':
      return fanOut(house, talk, command)
    case 'cancel':
      return cancelRun(house, talk, command.id)
    case 'rerun':
      return rerun(house, talk, command.id, (again) => answer(house, again))
    case 'approve':
      return review(house, talk, command.id, { verdict: 'approve', window: command.window })
    case 'deny': {
      const { id, reason } = command
      return review(house, talk, id, { verdict: 'deny', ...(reason === undefined ? {} : { reason }) })
    }
    case 'show':
      await talk.say(await showRun(house, talk, command.id))
      return
    case 'runs':
      await talk.say(await listRuns(house, talk.person))
      return
    case 'nodes':
      await talk.say(await listNodes(house, talk.person, command))
      return
    case 'pods':
      await talk.say(await listPods(house, talk.person, command))
      return
    case 'whoami':
      await talk.say(whoami(house, talk.person, talk.inbound))
      return
    case 'version':
      await talk.say(versionNotice(house))
      return
    case 'help':
      await talk.say(helpNotice(command.topic, house.catalogue, mine(house, talk.person)))
      return
  }
}

/** Help shows people what they can do. */
function mine(house: House, person: Principal): (tool: string) => boolean {
  const tools = toolsOf(person, house.rules().policy, house.now().toISOString())
  return (tool) => tools.has(tool) || tools.has('*')
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
