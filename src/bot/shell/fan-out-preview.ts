import type { Skipped } from '#core/fan-out/fan-out'
import type { Message } from '#core/messages/message'
import { namesText } from '#core/messages/render-fan-out'
import type { Decision } from '#core/policy/policy'
import type { ToolRequest } from '#core/request/request'
import { targetText } from '#core/request/target'
import type { Rules } from '#src/bot/context'

/**
 * Returns the refusal of more targets than one command may reach, or of a number that has to be confirmed; undefined
 * where the number is accepted.
 */
export function tooMany(
  typed: string,
  { maxTargets, confirmAbove }: Rules['fanOut'],
  where: string,
  count: number,
  expected: number | undefined,
): Message | undefined {
  if (count > maxTargets) {
    const message = `There are ${count} ${where}; one command can reach at most ${maxTargets}.`
    return {
      kind: 'refused',
      typed,
      message,
      wayOut: 'Narrow the selector with another label, such as -l pool=web,zone=a.',
    }
  }
  if (expected === count || (expected === undefined && count <= confirmAbove)) return undefined
  const message =
    expected === undefined
      ? `That would run on ${count} ${where}. Confirm the number if you mean all of them.`
      : `You expected ${expected}, but there are now ${count} ${where}. Nothing was run.`
  return { kind: 'misunderstood', typed, message, suggestion: withTargets(typed, count) }
}

/** Returns the command with the number of its targets. */
function withTargets(typed: string, count: number): string {
  const bare = typed.replace(/(^|\s)--?targets[= ]\s*\S+/, '')
  return bare.replace(/^(\s*(?:\/?retina\s+)?(?:shell|triage))\b/, `$1 --targets ${count}`)
}

/** Returns the reply to `can-i shell -l …`: what would run where, and what would not. */
export function fanOutPreview(
  where: string,
  judged: readonly { request: ToolRequest; decision: Decision }[],
  skipped: readonly Skipped[],
): Message {
  const verdicts = Map.groupBy(judged, ({ decision }) => verdictText(decision))
  const rows = [...verdicts].map(([verdict, all]) => [
    String(all.length),
    verdict,
    namesText(all.map(({ request }) => targetText(request.target))),
  ])
  const skippedRows = skipped.map(({ why, targets }) => [
    String(targets.length),
    `left out: ${why}`,
    namesText(targets),
  ])
  return {
    kind: 'listing',
    title: `${judged.length} ${where}`,
    columns: ['targets', 'decision', 'names'],
    rows: [...rows, ...skippedRows],
    note: 'Nothing was run.',
  }
}

function verdictText(decision: Decision): string {
  switch (decision.effect) {
    case 'allow':
      return `would run under the set "${decision.set}"`
    case 'ask':
      return `left out: "${decision.set}" requires approval, one target at a time`
    case 'deny':
      return `would be refused: ${decision.reason}`
  }
}
