import { isWhole, type OutputView } from '#core/output/output-view'
import { imageText } from '#core/request/image'
import { tableText } from '#core/util/table'
import { count, secondsText, sizeText } from '#core/util/units'
import { endText, missingText } from './end-text.ts'
import type { Message, RunCard } from './message.ts'
import { renderFanOut } from './render-fan-out.ts'
import { renderLink } from './render-link.ts'
import { runFacts } from './run-facts.ts'
import type { MessageView } from './view.ts'

const plain = { facts: [], examples: [], actions: [] } as const

export function renderMessage(notice: Message): MessageView {
  switch (notice.kind) {
    case 'help':
      return { ...plain, mood: 'plain', title: notice.title, text: notice.text, examples: notice.examples }
    case 'misunderstood':
      return {
        ...plain,
        mood: 'plain',
        title: 'I did not understand that',
        text: notice.message,
        examples: notice.suggestion === undefined ? [] : [{ command: notice.suggestion, about: 'was this meant?' }],
        facts: [`You typed: ${notice.typed}`],
      }
    case 'refused':
      return {
        ...plain,
        mood: 'bad',
        title: 'Not done',
        text: notice.message,
        ...(notice.wayOut === undefined ? {} : { hint: notice.wayOut }),
        facts: [`You typed: ${notice.typed}`],
      }
    case 'trouble':
      return {
        ...plain,
        mood: 'bad',
        title: 'Trouble on our side',
        text: notice.message,
        facts: [
          ...(notice.typed === undefined ? [] : [`You typed: ${notice.typed}`]),
          ...(notice.reference === undefined ? [] : [`Reference: ${notice.reference}`]),
        ],
      }
    case 'confirm':
    case 'link':
      return { ...plain, mood: 'plain', ...renderLink(notice) }
    case 'listing':
      return {
        ...plain,
        mood: 'plain',
        title: notice.title,
        ...(notice.rows.length === 0 ? {} : { output: tableText(notice.columns, notice.rows) }),
        ...(notice.note === undefined ? {} : { hint: notice.note }),
      }
    case 'output':
      return { ...plain, ...outputPageWords(notice) }
    case 'fan-out':
      return { ...plain, ...renderFanOut(notice) }
    default:
      return runWords(notice)
  }
}

type RunNotice = Extract<Message, { run: RunCard }>

function runWords(notice: RunNotice): MessageView {
  const { run } = notice
  const words = {
    facts: runFacts(run),
    examples: [],
    actions: actionsOf(notice),
    run: run.id,
    ...(run.typed === undefined ? {} : { typed: run.typed }),
  }
  const what = `${run.command} on ${run.target}`
  switch (notice.kind) {
    case 'asking':
      return { ...words, ...askingWords(notice, what) }
    case 'glass-broken':
      return {
        ...words,
        mood: 'bad',
        title: `WITHOUT APPROVAL, glass broken by ${run.by}: ${what}`,
        text: `Reason: ${notice.reason}.`,
        hint: `\`cancel ${run.id}\` ends it.`,
      }
    case 'queued':
      return {
        ...words,
        mood: 'busy',
        title: `Queued: ${what}`,
        ...(notice.note === undefined ? {} : { hint: notice.note }),
      }
    case 'starting':
      return { ...words, mood: 'busy', title: `Starting: ${what}` }
    case 'running':
      return {
        ...words,
        mood: 'busy',
        title: `Running for ${secondsText(notice.elapsed)}: ${what}`,
        ...outputWords(notice.output),
      }
    case 'ended':
      return {
        ...words,
        ...endedMeaning(notice),
        title: `${endText(notice.end)} after ${secondsText(notice.duration)}: ${what}`,
        ...(notice.end.message === undefined ? {} : { text: sentence(notice.end.message) }),
        ...endedOutput(notice),
        ...(notice.hint === undefined ? {} : { hint: notice.hint }),
      }
  }
}

/** More of the output is offered where the message doesn't hold it all. */
function actionsOf(notice: RunNotice): RunCard['actions'] {
  const whole = notice.kind !== 'ended' || isWhole(notice.output)
  const left = new Set<string>(whole ? ['show', 'output', 'filter'] : ['show'])
  return notice.run.actions.filter((action) => !left.has(action))
}

type Asking = Extract<Message, { kind: 'asking' }>

const askingTitles = {
  pending: 'Asks for approval',
  approved: 'Approved',
  denied: 'Denied',
  expired: 'Expired without a decision',
  withdrawn: 'Withdrawn',
} satisfies Record<Asking['state'], string>

function askingWords(notice: Asking, what: string): Pick<MessageView, 'mood' | 'title' | 'text' | 'facts' | 'hint'> {
  const { run, state, host, capabilities, reviews } = notice
  const disk = {
    none: [],
    'read-only': ["reads the node's disk"],
    'read-write': ["WRITES TO THE NODE'S DISK"],
  }[host.filesystem]
  const powers = [...disk, ...(host.pid ? ["sees the node's processes"] : []), ...capabilities]
  const who = reviews.map(reviewText)
  const { count, of } = notice.missing
  const how = `\`approve ${run.id}\` or \`deny ${run.id} REASON\` until ${notice.expiresAt}`
  const longer =
    notice.window === undefined
      ? ''
      : ` With \`--window\`, what ${run.by} asks of this set on this target runs unasked for ${secondsText(notice.window)}.`
  const hint = state === 'pending' ? { hint: `${of.join(', ')}: ${how} (${count} more needed).${longer}` } : {}
  return {
    mood: state === 'pending' ? 'busy' : state === 'approved' ? 'good' : 'bad',
    title: `${askingTitles[state]}: ${what}`,
    text: `${powers.length === 0 ? 'No special rights' : powers.join(', ')}. Reason: ${notice.reason ?? 'none given'}.`,
    ...hint,
    facts: [...who, ...runFacts(run), `Image ${imageText(notice.image)} · request ${notice.hash}`],
  }
}

function reviewText({ by, verdict, reason, as }: Asking['reviews'][number]): string {
  const why = reason === undefined ? '' : `: ${reason}`
  if (verdict === 'deny') return `Denied by ${by.name}${why}`
  return `Approved by ${by.name}${why}${as.length === 0 ? ', who may not approve it any more: this does not count' : ''}`
}

function outputWords(output: OutputView): Pick<MessageView, 'output' | 'outputNote'> {
  if (output.lines === 0) return {}
  const between = linesBetween(output)
  if (output.head !== undefined) return { output: `${output.head}\n… ${between} lines left out …\n${output.tail}` }
  return { output: output.tail, ...(between === 0 ? {} : { outputNote: `${between} lines before these` }) }
}

/** Lines that aren't shown. */
function linesBetween(output: OutputView): number {
  return output.linesBefore - (output.head === undefined ? 0 : output.head.split('\n').length)
}

const moods = { ok: 'good', warn: 'warn', bad: 'bad' } as const

/** What the output means counts for more than how the program ended: a `dig` of a name that doesn't exist ends well. */
function endedMeaning({
  insight,
  end,
}: Extract<Message, { kind: 'ended' }>): Pick<MessageView, 'mood' | 'headline' | 'numbers'> {
  if (insight === undefined) return { mood: end.reason === 'completed' ? 'good' : 'bad' }
  const numbers = insight.facts.map(({ name, value }) => `${name} ${value}`).join(' · ')
  return { mood: moods[insight.severity], headline: insight.headline, ...(numbers === '' ? {} : { numbers }) }
}

function endedOutput(notice: Extract<Message, { kind: 'ended' }>): Pick<MessageView, 'output' | 'outputNote'> {
  const { end, output, file } = notice
  const notes = [
    ...(output.lines === 0 && end.reason === 'completed' ? ['The tool wrote nothing.'] : []),
    ...(output.linesBefore === 0 || output.head !== undefined ? [] : [`${output.linesBefore} lines before these`]),
    ...(file === undefined
      ? []
      : [`whole output (${count(output.lines, 'line')}, ${sizeText(output.bytes)}) in ${file}`]),
    ...(end.complete ? [] : [missingText(end, output.lines)]),
    ...(output.redacted === 0 ? [] : [`${output.redacted} secrets redacted`]),
  ]
  return { ...outputWords(output), ...(notes.length === 0 ? {} : { outputNote: notes.join('; ') }) }
}

function sentence(text: string): string {
  const upper = `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
  return /[.!?…]$/.test(upper) ? upper : `${upper}.`
}

function outputPageWords(notice: Extract<Message, { kind: 'output' }>): Omit<MessageView, 'facts' | 'examples'> {
  const { run, what, text, page, pages, lines, found, words } = notice
  const where = pages > 1 ? `, page ${page} of ${pages}` : ''
  const title =
    words === undefined
      ? `Output of ${run}${where}: ${what}`
      : `${found} of ${lines} lines hold "${words}"${where}: ${what}`
  return {
    mood: 'plain',
    title,
    ...(text === '' ? { text: lines === 0 ? 'It wrote nothing.' : 'No such line.' } : { output: text }),
    // A filter's next page would have to carry its words: they are asked for again.
    actions: page < pages && words === undefined ? ['output', 'filter'] : ['filter'],
    run,
    next: page + 1,
  }
}
