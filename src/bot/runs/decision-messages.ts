import { formatNeeds } from '#core/messages/format-needs'
import type { Message } from '#core/messages/message'
import { groupText, platforms } from '#core/people/platforms'
import { type AccountRef, accountText, type Principal } from '#core/people/principal'
import type { Decision } from '#core/policy/policy'
import { imageText } from '#core/request/image'
import type { ToolRequest } from '#core/request/request'
import { targetText } from '#core/request/target'
import { shellPowersOf, shellPowerText } from '#core/terminal/shell-powers'
import { formatPipeline } from '#core/util/quote'
import type { Rules } from '#src/bot/context'

/**
 * Returns the refusal of a request: what was asked, which capability set would cover it and whom to ask. `near`:
 * similar targets that the person may name.
 */
export function denialMessage(
  request: ToolRequest,
  decision: Extract<Decision, { effect: 'deny' }>,
  rules: Pick<Rules, 'contact'>,
  near: readonly string[],
): Message {
  const typed = request.typed.text
  const ask = rules.contact ?? 'the owner of the policy'
  const sets = decision.wouldNeed.map((name) => `"${name}"`).join(' or ')
  const cover = sets === '' ? `No capability set covers it; ask ${ask}.` : `${sets} would cover it; ask ${ask}.`
  // The message itself names the set and the node.
  const wayOut = decision.reason === 'node-access' ? `Who grants it: ${ask}.` : cover
  const hint = near.length === 0 ? '' : ` Did you mean ${near.join(' or ')}?`
  return { kind: 'refused', typed, message: `${decision.message}${hint}`, wayOut }
}

/**
 * Returns the plan and the decision, for `can-i` and `--dry-run`. `would`: the image of the run, and what would prevent
 * it.
 */
export function decisionMessage(
  request: ToolRequest,
  decision: Decision,
  would: { image?: string; problem?: string | undefined; more?: readonly string[] } = {},
): Message {
  const { image, problem, more = [] } = would
  const verdict = {
    allow: request.terminal === undefined ? 'Yes: this would run' : 'Yes: this shell would open',
    ask: 'Only after approval',
    deny: 'No: this would be refused',
  }[decision.effect]
  const why =
    decision.effect === 'deny'
      ? [decision.message, ...decision.wouldNeed.map((name) => `the set "${name}" would cover it`)].join('; ')
      : `set "${decision.set}" by ${decision.grant}, at most ${decision.maxDeadline} s`
  const rows: [string, string][] = [
    ['target', targetText(request.target)],
    ['runs', formatPipeline(request.pipeline.map((stage) => stage.argv))],
    ['needs', formatNeeds(request.needs)],
    ['added', request.added.join('; ') || 'nothing'],
    ...shellRows(request, more),
    ...(image === undefined ? [] : [['image', imageText(image)] as [string, string]]),
    ['decision', why],
  ]
  return {
    kind: 'listing',
    title: verdict,
    columns: ['what', 'answer'],
    rows: problem === undefined ? rows : [...rows, ['problem', problem]],
    // A cell is cut where it is long.
    note: decision.effect === 'deny' ? `${decision.message} Nothing was run.` : 'Nothing was run.',
  }
}

/** Returns what a shell can do beyond its container, and which further sets would give one here. */
function shellRows(request: ToolRequest, more: readonly string[]): [string, string][] {
  if (request.terminal === undefined) return []
  const powers = shellPowersOf(request, { deny: [] })
  const can = powers.map((power) => shellPowerText(power, request, request.facts.node || 'the node')).join('; ')
  return [
    ['it can', can === '' ? 'nothing outside of its container but use the network' : can],
    ...(more.length === 0 ? [] : [['more', more.map((set) => `--set ${set}`).join(' or ')] as [string, string]]),
  ]
}

/**
 * Describes how a person was identified and their groups: "You are using Slack as slack:user/T1/U1. Your groups: leads,
 * …"
 */
export function identityText(person: Principal, account: AccountRef): string {
  const groups = person.groups.filter((each) => each !== accountText(account)).map(nameText)
  const all = groups.length === 0 ? 'You are not in any group.' : `Your groups: ${groups.join(', ')}.`
  return `You are using ${platforms[account.platform].name} as ${accountText(account)}. ${all}`
}

/** Formats a group for people; its id remains as the policy names it. */
function nameText(group: string): string {
  return groupText(group.replace(/^group:/, '')).replace(/^(\w+):user\//, 'the account $1:user/')
}
