import type { Notice } from '#core/messages/message'
import type { Principal } from '#core/people/principal'
import { toolsOf } from '#core/policy/permissions'
import { review } from '#src/bot/approvals/review'
import type { Conversation } from '#src/bot/command-context'
import type { House } from '#src/bot/context'
import { withThreadTarget } from '#src/bot/runs/thread-target'
import { admit } from '#src/bot/shell/admit'
import { fanOut } from '#src/bot/shell/fan-out'
import type { Command, Misunderstood } from '#src/command/command'
import { helpNotice } from '#src/command/help'
import { parse } from '#src/command/parse'
import { cancelRun } from './cancel.ts'
import { endSession } from './end-session.ts'
import { listApprovals } from './list-approvals.ts'
import { listNodes, listPods, listRuns, listTools, versionNotice, whoami } from './listings.ts'
import { linkTo } from './run-page.ts'
import { showOutput } from './show-output.ts'
import { rerun, showRun } from './show-run.ts'

/** Hops 3 to 6 for a known person: reads what they wrote, and answers it or brings it into the queue. */
export async function answer(house: House, talk: Conversation): Promise<void> {
  const { inbound, entities } = talk
  const command = parse({ text: inbound.text, entities }, house.catalogue)
  const targetless = command.verb === 'misunderstood' && command.code === 'missing-target'
  const text = targetless ? await withThreadTarget(house, talk) : undefined
  if (text === undefined) return carryOut(house, talk, command)
  return carryOut(house, { ...talk, inbound: { ...inbound, text } }, parse({ text, entities }, house.catalogue))
}

/** The same for words that were read already. */
export async function carryOut(house: House, talk: Conversation, command: Command | Misunderstood): Promise<void> {
  switch (command.verb) {
    case 'misunderstood':
      house.count('misunderstood')
      await talk.say(misunderstoodNotice(command, talk.inbound.text))
      return
    case 'shell':
      return admit(house, talk, command)
    case 'fan-out':
      return fanOut(house, talk, command)
    case 'cancel':
      return cancelRun(house, talk, command.id)
    case 'end':
      return endSession(house, talk, command.id)
    case 'rerun':
      return rerun(house, talk, command.id, (again) => answer(house, again))
    case 'approve':
      return review(house, talk, command.id, { verdict: 'approve', window: command.window })
    case 'deny': {
      const { id, reason } = command
      return review(house, talk, id, { verdict: 'deny', ...(reason === undefined ? {} : { reason }) })
    }
    default:
      await talk.say(await told(house, talk, command))
  }
}

export function misunderstoodNotice({ message, suggestion }: Misunderstood, typed: string): Notice {
  return { kind: 'misunderstood', message, typed, ...(suggestion === undefined ? {} : { suggestion }) }
}

type Doing = 'misunderstood' | 'shell' | 'fan-out' | 'cancel' | 'end' | 'rerun' | 'approve' | 'deny'

/** The answer to what only asks. */
async function told(house: House, talk: Conversation, command: Exclude<Command, { verb: Doing }>): Promise<Notice> {
  const { person, inbound } = talk
  switch (command.verb) {
    case 'show':
      return showRun(house, talk, command.id)
    case 'link':
      return linkTo(house, talk, command.id)
    case 'output':
      return showOutput(house, talk, command)
    case 'runs':
      return listRuns(house, person)
    case 'tools':
      return listTools(house, mine(house, person))
    case 'approvals':
      return listApprovals(house, person)
    case 'nodes':
      return listNodes(house, person, command)
    case 'pods':
      return listPods(house, person, command)
    case 'whoami':
      return whoami(house, person, inbound)
    case 'version':
      return versionNotice(house)
    case 'help':
      return helpNotice(command.topic, house.catalogue, mine(house, person))
  }
}

/** Help shows people what they can do. */
function mine(house: House, person: Principal): (tool: string) => boolean {
  const tools = toolsOf(person, house.rules().policy, house.now().toISOString())
  return (tool) => tools.has(tool) || tools.has('*')
}
