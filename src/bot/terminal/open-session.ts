import { createHash, randomBytes } from 'node:crypto'
import { sessionMessage } from '#core/messages/session-message'
import { noMessage, type ThreadRef } from '#core/messages/thread-ref'
import type { AccountRef } from '#core/people/principal'
import type { Decision } from '#core/policy/policy'
import { isPermanentRefusal } from '#core/ports/chat'
import type { ToolRequest } from '#core/request/request'
import { targetText } from '#core/request/target'
import type { DebugSpec } from '#core/runs/debug-spec'
import type { Run } from '#core/runs/run'
import { newTerminalSession, withLink } from '#core/terminal/terminal-session'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import { rememberSession } from '#src/lifecycle/open-terminal-sessions'
import { showOpenSession } from '#src/lifecycle/show-open-session'

type Allowed = {
  request: ToolRequest
  spec: DebugSpec
  decision: Extract<Decision, { effect: 'allow' }>
  more: readonly string[]
}

/** Opens a session that needs no approval: shows it in the chat, and sends its link to the person alone. */
export async function openSession(context: BotContext, ctx: CommandContext, allowed: Allowed): Promise<void> {
  const { request, spec, decision, more } = allowed
  const { set, grant } = decision
  const now = context.now().toISOString()
  const draft: Run = {
    ...{ id: ctx.id, request, spec, set, grant, message: noMessage(request.thread) },
    ...{ state: 'running', queuedAt: request.at, startedAt: now, terminal: newTerminal(context, set, now) },
  }
  await auditOpened(context, draft)
  const message = await context.span(draft.id, 'reply-queued', () => ctx.reply(sessionMessage(draft, now)))
  const run = { ...draft, message }
  await context.span(run.id, 'save-run', () => context.store.addRun(run))
  ctx.markSaved()
  await rememberSession(context.store, run)
  await sendLink(context, run, { account: request.account, thread: ctx.inbound.thread }, more)
}

/** Opens an approved session. */
export async function openApproved(context: BotContext, run: Run): Promise<void> {
  const now = context.now().toISOString()
  await auditOpened(context, run)
  const opened = await context.store.changeRun(run.id, (saved) =>
    saved.state === 'queued'
      ? { ...saved, state: 'running', startedAt: now, terminal: newTerminal(context, saved.set, now) }
      : undefined,
  )
  if (opened === undefined || opened === 'broken' || opened.terminal === undefined) return
  await rememberSession(context.store, opened)
  await context.span(run.id, 'reply-queued', () => showOpenSession(context, opened))
  await sendLink(context, opened, { account: opened.request.account, thread: opened.request.thread })
}

function newTerminal(context: BotContext, set: string, now: string): NonNullable<Run['terminal']> {
  const rule = context.rules().policy.sets.find(({ name }) => name === set)?.terminal
  // The set was just authorized: without a rule the session ends at once.
  return newTerminalSession(rule ?? { maxSession: 0, idle: 0 }, now)
}

async function auditOpened(context: BotContext, { id, request, set, spec }: Run): Promise<void> {
  const record = { target: targetText(request.target), set, image: spec.image, spec: context.hash(spec) }
  await context.span(id, 'audit-queued', () => context.audit('session-opened', id, request.by.id, record))
}

/**
 * Makes a new link for an open session, which replaces an earlier one, and sends it to the person alone. The chat has no preview of it, and
 * browsers never send the part after `#` to a server.
 */
export async function sendLink(
  context: BotContext,
  run: Run,
  to: { account: AccountRef; thread: ThreadRef },
  more: readonly string[] = [],
): Promise<void> {
  const { terminal } = context
  const adapter = context.adapters.get(to.account.platform)
  if (terminal === undefined || adapter === undefined) return
  const token = randomBytes(32).toString('base64url')
  const hash = createHash('sha256').update(token).digest('hex')
  await context.audit('session-link', run.id, run.request.by.id, { link: hash.slice(0, 12) })
  const now = context.now().toISOString()
  const saved = await context.store.changeRun(run.id, (current) =>
    current.terminal === undefined || current.state !== 'running'
      ? undefined
      : { ...current, terminal: withLink(current.terminal, hash, now) },
  )
  if (saved === undefined || saved === 'broken' || saved.terminal?.link?.hash !== hash) return
  const link = `${new URL(`/t/${run.id}`, terminal.url)}#${token}`
  const notice = {
    kind: 'session-link' as const,
    ...{ run: run.id, who: run.request.by.name, target: targetText(run.request.target), set: run.set, link },
    ...(more.length === 0 ? {} : { more }),
  }
  await adapter.postEphemeral(to.thread, to.account, notice).catch((error: unknown) => {
    if (!isPermanentRefusal(error)) throw error
    return adapter.postDirect(to.thread, to.account, notice)
  })
}
