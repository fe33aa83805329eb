import type { Message } from '#core/messages/message'
import { personText } from '#core/people/person-text'
import type { Principal } from '#core/people/principal'
import { verified } from '#core/ports/store'
import { targetText } from '#core/request/target'
import type { Run } from '#core/runs/run'
import { minutesLeft } from '#core/terminal/terminal-session'
import { count } from '#core/util/units'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import { canManageRun, runChanged, runNotFound } from '#src/bot/runs/access'
import { sendLink } from '#src/bot/terminal/open-session'
import { endTerminal } from '#src/lifecycle/end-terminal'
import { listedSessions } from '#src/lifecycle/open-terminal-sessions'

/** Returns a person's open sessions. */
export async function listSessions(context: BotContext, person: Principal): Promise<Message> {
  const own = (await listedSessions(context.store)).filter((each) => each.person === person.id)
  const runs = await Promise.all(own.map(async ({ id }) => verified(await context.store.run(id))))
  const now = context.now().toISOString()
  const rows = runs.flatMap((run) =>
    run?.terminal === undefined || run.state !== 'running' || !canManageRun(person, run)
      ? []
      : [[run.id, targetText(run.request.target), run.set, count(minutesLeft(run.terminal, now), 'minute')]],
  )
  const note =
    rows.length === 0 ? 'You have no open shell.' : '`open ID` sends you a new link to one, `end ID` ends it.'
  return { kind: 'listing', title: 'Your open shells', columns: ['id', 'target', 'set', 'time left'], rows, note }
}

/** Sends a new link to a person's own open session; the browser that uses it takes the session over. */
export async function openAgain(context: BotContext, ctx: CommandContext, id: string): Promise<void> {
  const { text: typed } = ctx.typed
  const { account, thread } = ctx.inbound
  const run = await context.store.run(id)
  if (run === 'broken') {
    await ctx.reply(runChanged(typed, id))
    return
  }
  if (run === undefined || !canManageRun(ctx.person, run)) {
    await ctx.reply(runNotFound(typed, id))
    return
  }
  if (run.terminal === undefined || run.state !== 'running') {
    const message = `There is no open shell ${id}. \`sessions\` lists yours.`
    await ctx.reply({ kind: 'refused', typed, message })
    return
  }
  await sendLink(context, run, { account, thread })
}

/** Ends a person's own session. Its message shows it; a reply is sent only where it had ended before. */
export async function endShell(context: BotContext, ctx: CommandContext, run: Run): Promise<void> {
  const message = `${personText(ctx.person)} ended it`
  const isEnded = await endTerminal(context, run, { reason: 'canceled', message, by: ctx.person.id })
  if (isEnded) return
  await ctx.reply({ kind: 'refused', typed: ctx.typed.text, message: `Session ${run.id} has already ended.` })
}
