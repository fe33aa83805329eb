import { verified } from '#core/ports/store'
import { rankFindings } from '#core/triage/rank'
import { resultsOf } from '#core/triage/triage-message'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import { runChanged } from '#src/bot/runs/access'
import { readTyped } from '#src/command/command-text-and-tokens'
import type { CommandOf } from '#src/command/words/all-words'
import { readOutcomes } from '#src/lifecycle/fan-out-outcomes'

/**
 * Carries out the command that a finding of a triage suggests, as if the person who pressed its button had typed it: it is
 * judged by that person's rights, also where another person ran the triage.
 */
export async function carryOutNext(
  context: BotContext,
  ctx: CommandContext,
  { id, check }: CommandOf<'next'>,
  again: (ctx: CommandContext) => Promise<void>,
): Promise<void> {
  const { text: typed } = ctx.typed
  const stored = await context.store.getValue('fan-out', id)
  if (stored === 'broken') {
    await ctx.reply(runChanged(typed, id))
    return
  }
  const fanOut = verified(stored)
  const results = fanOut === undefined ? [] : resultsOf(fanOut, await readOutcomes(context.store, id))
  const { findings } = rankFindings(results, context.playbooks())
  const finding = check === undefined ? findings[0] : findings.find((each) => each.check === check)
  const [next] = finding?.next ?? []
  const [target] = finding?.targets ?? []
  if (next === undefined || target === undefined) {
    const message = `There is nothing to do next for ${check ?? 'the first finding'} of the triage ${id}: it is older than a week, or found nothing there.`
    await ctx.reply({ kind: 'refused', typed, message })
    return
  }
  const cluster = fanOut?.triage === undefined ? '' : `--context ${fanOut.triage.cluster} `
  const text = `shell ${cluster}${target} ${next}`
  await again({ ...ctx, source: { kind: 'rerun', run: id }, typed: readTyped(text, false) })
}
