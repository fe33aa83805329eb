import { approvalState, mayReview } from '#core/approvals/approval'
import type { Message } from '#core/messages/message'
import { personText } from '#core/people/person-text'
import type { Principal } from '#core/people/principal'
import { verified } from '#core/ports/store'
import { targetText } from '#core/request/target'
import { quoteLine } from '#core/util/one-line'
import { boundedCommand, formatPipeline } from '#core/util/quote'
import type { BotContext } from '#src/bot/context'

/** Maximum number of characters of a command, and of a reason, in the list; the request's own message has all. */
const maxListedChars = 200

/** Returns the requests that this person can decide, and their own that wait for others. */
export async function listApprovals(context: Pick<BotContext, 'now' | 'store'>, person: Principal): Promise<Message> {
  const now = context.now().toISOString()
  const ids = await context.store.openRuns()
  const runs = await Promise.all(ids.map(async (id) => verified(await context.store.run(id))))
  const rows = runs.flatMap((run) => {
    if (run?.approval === undefined || run.state !== 'asking') return []
    if (approvalState(run.approval, now) !== 'pending') return []
    const own = run.request.by.id === person.id
    if (!own && !mayReview(run.approval, person)) return []
    const { by, target, reason } = run.request
    const command = boundedCommand(formatPipeline(run.spec.pipeline), maxListedChars)
    const why = reason === undefined ? '' : quoteLine(reason, maxListedChars)
    return [[run.id, own ? 'others' : 'you', personText(by), targetText(target), command, why]]
  })
  const note =
    rows.length === 0 ? 'Nothing is waiting for approval.' : 'Decide one with `approve ID` or `deny ID REASON`.'
  const columns = ['id', 'waiting for', 'requested by', 'target', 'command', 'reason']
  return { kind: 'listing', title: 'Requests waiting for approval', columns, rows, note }
}
