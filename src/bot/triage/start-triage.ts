import type { FanOut } from '#core/fan-out/fan-out'
import { rootMessage } from '#core/messages/run-card'
import { noMessage } from '#core/messages/thread-ref'
import { hideInTyped } from '#core/output/hide-in-command'
import { verified } from '#core/ports/store'
import type { TargetResults } from '#core/triage/check-result'
import type { Playbook } from '#core/triage/playbook'
import { triageMessage } from '#core/triage/triage-message'
import { defined } from '#core/util/defined'
import { rememberTriageOfAlert } from '#src/bot/alerts/handle-alert-triage'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext, Rules } from '#src/bot/context'
import { runChanged } from '#src/bot/runs/access'
import { rememberTriage, threadTriage } from '#src/bot/runs/thread-target'
import { decisionDetails } from '#src/bot/shell/admit'
import { enqueueAll, saveFanOut } from '#src/bot/shell/fan-out'
import { readTyped } from '#src/command/command-text-and-tokens'
import type { CommandOf } from '#src/command/words/all-words'
import { type JudgedChecks, judgeChecks, runsOn, type TriageTarget } from './authorize-checks.ts'
import { type CheckedObjects, checkObjects } from './check-objects.ts'
import { choosePlaybooks } from './choose-playbooks.ts'
import { findTriageTargets, type TriageTargets } from './find-targets.ts'
import { createObjectReader } from './read-objects.ts'

type TriageCommand = CommandOf<'triage'>

/**
 * Starts `triage`: judges the checks of playbooks on each target, and enqueues one run for each target and set. One message
 * shows what they find.
 */
export async function startTriage(
  context: BotContext,
  ctx: CommandContext,
  command: TriageCommand,
  again: (ctx: CommandContext) => Promise<void>,
): Promise<void> {
  const { on } = command
  if (on === 'again') return repeatTriage(context, ctx, again)
  const rules = context.rules()
  const { text: typed } = ctx.typed
  const found = await context.span(ctx.id, 'resolve-target', () =>
    findTriageTargets(context, ctx, rules, { on, ...defined({ to: command.to }) }),
  )
  if ('kind' in found) {
    context.count('refused')
    await ctx.reply(found)
    return
  }
  const to = found.targets.some(({ service }) => service !== undefined) ? 'service' : undefined
  const playbooks = choosePlaybooks(context.playbooks(), command.playbooks, found.of, to)
  if ('message' in playbooks) {
    context.count('misunderstood')
    const { message, unknown, nearest } = playbooks
    const suggestion = nearest === undefined ? undefined : withWord(typed, unknown, nearest)
    await ctx.reply({ kind: 'misunderstood', typed, message, ...defined({ suggestion }) })
    return
  }
  const idle = playbooks.find((playbook) => !hasCheckFor(playbook, found.targets))
  if (idle !== undefined && command.playbooks.includes(idle.name)) {
    context.count('misunderstood')
    await ctx.reply({ kind: 'misunderstood', typed, message: otherKind(idle) })
    return
  }
  const judged = await judgeAll(context, ctx, rules, found, playbooks)
  // Saved by another bot that was interrupted.
  const existing = await context.store.getValue('fan-out', ctx.id)
  if (existing === 'broken') {
    await ctx.reply(runChanged(typed, ctx.id))
    return
  }
  const allowed = judged.flatMap((each) => each.allowed)
  if (existing !== undefined) {
    ctx.markSaved()
    const wanted = new Set(existing.members.map(({ run }) => run))
    const rest = allowed.filter(({ request }) => wanted.has(request.id))
    await enqueueAll(context, rest, { message: existing.message, fanOut: ctx.id, rules, again: true })
    return
  }
  await context.span(ctx.id, 'audit-decision', async () => {
    for (const { request, decision } of allowed)
      await context.audit('decided', request.id, ctx.person.id, decisionDetails(request, decision))
  })
  const draft = toFanOut(context, ctx, found, playbooks, judged)
  const objects = [...new Set(judged.flatMap((each) => each.read))].join('; ')
  const record = {
    ...{ where: draft.where, command: draft.command, runs: String(allowed.length) },
    ...(objects === '' ? {} : { objects }),
  }
  await context.span(ctx.id, 'audit-fan-out', () => context.audit('fan-out', ctx.id, ctx.person.id, record))
  const first = triageMessage(draft, new Map(), context.playbooks())
  if (first === undefined) return
  const message = await ctx.reply(rootMessage(draft, first))
  await context.span(ctx.id, 'save-fan-out', () => saveFanOut(context, { ...draft, message }))
  await rememberTriage(context, { message, id: ctx.id })
  await rememberTriageOfAlert(context, ctx)
  ctx.markSaved()
  await enqueueAll(context, allowed, { message, fanOut: ctx.id, rules, again: false })
}

/** Returns true for a playbook with a check that runs on one of the targets. */
function hasCheckFor(playbook: Playbook, targets: readonly TriageTarget[]): boolean {
  return playbook.checks.some((check) => targets.some((on) => runsOn(playbook, check, on)))
}

const kindTexts: Readonly<Record<Playbook['for'], string>> = {
  node: 'for nodes: name one, as in `triage node001`',
  pod: 'for pods: name one, as in `triage -n shop pod/web-1`',
  service: 'for Services: name one, as in `triage -n shop svc/web`',
}

const otherKind = ({ name, for: kind }: Playbook) =>
  `No check of the playbook ${name} runs here. It is ${kindTexts[kind]}.`

/** Returns the command with a word replaced; undefined where it isn't written like that in the command. */
function withWord(typed: string, word: string, by: string): string | undefined {
  const words = typed.split(/\s+/)
  return words.includes(word) ? words.with(words.lastIndexOf(word), by).join(' ') : undefined
}

/** Runs the newest triage of the thread again, as the person who asks now, and names it as the one before. */
async function repeatTriage(
  context: BotContext,
  ctx: CommandContext,
  again: (ctx: CommandContext) => Promise<void>,
): Promise<void> {
  const id = await threadTriage(context, ctx)
  const before = id === undefined ? undefined : verified(await context.store.getValue('fan-out', id))
  if (id === undefined || before?.triage === undefined) {
    const message = 'There is no triage in this thread that could be repeated: type `triage TARGET`.'
    await ctx.reply({ kind: 'refused', message, typed: ctx.typed.text })
    return
  }
  const { text, entities } = before.typed
  await again({ ...ctx, before: id, source: { kind: 'rerun', run: id }, typed: readTyped(text, entities) })
}

type Judged = JudgedChecks & { on: TriageTarget; read: CheckedObjects['read'] }

async function judgeAll(
  context: BotContext,
  ctx: CommandContext,
  rules: Rules,
  { targets, cluster }: Pick<TriageTargets, 'targets' | 'cluster'>,
  playbooks: readonly Playbook[],
): Promise<Judged[]> {
  const read = createObjectReader(cluster, ctx)
  const judged: Judged[] = []
  for (const on of targets) {
    const commands = await judgeChecks(context, ctx, rules, on, playbooks)
    const objects = await checkObjects(context, ctx, rules, { on, playbooks, read })
    const uncovered = [...commands.uncovered, ...objects.uncovered]
    judged.push({ ...commands, on, uncovered, read: objects.read, known: [...commands.known, ...objects.results] })
  }
  return judged
}

function toFanOut(
  { now, pages }: Pick<BotContext, 'now' | 'pages'>,
  { id, person, inbound, typed, threaded, before, alert }: CommandContext,
  { where, cluster, skipped, known }: TriageTargets,
  playbooks: readonly Playbook[],
  judged: readonly Judged[],
): FanOut {
  const names = playbooks.map(({ name }) => name)
  const uncovered = judged.flatMap((each) => each.uncovered)
  const ownResults: TargetResults[] = judged.map(({ on, known: results }) => ({ target: on.shownAs, results }))
  return {
    id,
    by: { id: person.id, name: person.name },
    account: inbound.account,
    where,
    command: `triage ${names.join(' ')}`,
    typed: hideInTyped({ text: typed.text, entities: typed.entities }),
    members: judged.flatMap(({ on, allowed }) =>
      allowed.map(({ request }) => ({ run: request.id, target: on.shownAs })),
    ),
    skipped,
    message: noMessage(inbound.thread),
    triage: {
      playbooks: names,
      cluster: cluster.name,
      targets: [...new Set(judged.map(({ on }) => on.shownAs))],
      known: [...known, ...ownResults],
      ...(pages === undefined ? {} : { pages: true }),
      ...defined({ before, alert }),
      uncovered: [...new Map(uncovered.map((each) => [each.check, each])).values()],
    },
    ...(threaded ? { threaded: true } : {}),
    at: now().getTime(),
  }
}
