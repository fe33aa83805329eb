import { alertRetentionSeconds } from '#core/alerts/alert-record'
import { mayName } from '#core/policy/authorize'
import { verified } from '#core/ports/store'
import type { Target } from '#core/request/target'
import { oneLine } from '#core/util/one-line'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import { readTyped } from '#src/command/command-text-and-tokens'
import type { CommandOf } from '#src/command/words/all-words'
import { findAlertTargets } from './find-alert-targets.ts'

type Again = (ctx: CommandContext) => Promise<void>

/** Carries out the triage that an alert offers, as the person who pressed its button. */
export async function triageAlert(
  context: BotContext,
  ctx: CommandContext,
  { id, choice }: CommandOf<'triage-alert'>,
  again: Again,
): Promise<void> {
  const record = verified(await context.store.getValue('alert', id))
  const chosen = record?.choices[choice - 1]
  if (record === undefined || chosen === undefined) {
    const message = 'This alert is older than a week, or names no such object: type `triage TARGET`.'
    await ctx.reply({ kind: 'refused', typed: ctx.typed.text, message })
    return
  }
  const text = ['triage', chosen.words, ...record.playbooks].join(' ')
  const { name } = record.alert
  await again({
    ...ctx,
    alert: { id, name: oneLine(name, 100) },
    source: { kind: 'rerun', run: id },
    typed: readTyped(text, false),
  })
}

/** Carries out the triage of the object that a message names. Objects that the person may not name aren't mentioned. */
export async function triageMessageText(
  context: BotContext,
  ctx: CommandContext,
  _command: CommandOf<'triage-message'>,
  again: Again,
): Promise<void> {
  const { source } = ctx
  const refuse = (message: string) => ctx.reply({ kind: 'refused', typed: ctx.typed.text, message }, 'toPerson')
  if (source.kind !== 'message') {
    await refuse('Choose "Triage this" in the menu of a message; or type `triage TARGET`.')
    return
  }
  const [name = ''] = source.text.split('\n')
  const alert = { name, labels: {}, texts: [source.text] }
  const isKnown = (target: Target) => mayKnow(context, ctx, target)
  const { choices, playbooks } = await findAlertTargets(context, alert, {}, isKnown)
  const [first, ...others] = choices
  if (first === undefined) {
    await refuse('This message names no node or pod that you have access to: type `triage TARGET`.')
    return
  }
  if (others.length > 0) {
    const commands = choices.map(({ words }) => ({ command: `triage ${words}`, about: '' }))
    const text = 'This message names several objects: which one is meant?'
    await ctx.reply({ kind: 'help', title: 'Triage of which one?', text, examples: commands }, 'toPerson')
    return
  }
  const text = ['triage', first.words, ...playbooks].join(' ')
  await again({ ...ctx, typed: readTyped(text, false) })
}

async function mayKnow(context: BotContext, ctx: CommandContext, target: Target): Promise<boolean> {
  const facts = await context.clusters.get(target.cluster)?.resolve(target)
  if (facts === undefined || 'problem' in facts) return false
  return mayName(ctx.person, context.rules().policy, { target, ...facts }, context.now().toISOString())
}

/** Saves that a triage looks into an alert: what it found is named when the alert fires again. */
export async function rememberTriageOfAlert(
  context: Pick<BotContext, 'store' | 'now'>,
  { alert, id }: Pick<CommandContext, 'alert' | 'id'>,
): Promise<void> {
  if (alert === undefined) return
  const at = context.now().getTime()
  await context.store.setField('alert-triages', alert.id, id, { at }, alertRetentionSeconds)
}
