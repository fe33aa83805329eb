import { isWhole, type OutputView } from '#core/output/output-view'
import { runActions } from '#core/runs/actions'
import { defined } from '#core/util/defined'
import { tableText } from '#core/util/text-table'
import { count, secondsText, sizeText } from '#core/util/units'
import { endText, missingText } from './end-text.ts'
import { hideInMessage } from './hide-in-message.ts'
import type {
  AlertMessage,
  EndedMessage,
  Message,
  ProgressMessage,
  RunCard,
  TimelineMessage,
  TriageMessage,
} from './message.ts'
import { renderAlert } from './render-alert.ts'
import { renderApproval } from './render-approval.ts'
import { renderFanOut } from './render-fan-out.ts'
import { renderLink } from './render-link.ts'
import { renderTimeline } from './render-timeline.ts'
import { renderTriage } from './render-triage.ts'
import { toRootView, toThreadView } from './root-and-thread-view.ts'
import { runFacts } from './run-facts.ts'
import { renderSession } from './session-message.ts'
import type { MessageView } from './view.ts'

const emptyParts = { facts: [], examples: [], actions: [] } as const

/** Renders a message as a platform-independent view, without the secrets that a command or a reason may have. */
export function renderMessage(message: Message): MessageView {
  return render(hideInMessage(message))
}

function render(message: Message): MessageView {
  switch (message.kind) {
    case 'help':
      return { ...emptyParts, mood: 'plain', title: message.title, text: message.text, examples: message.examples }
    case 'misunderstood':
      return renderMisunderstood(message)
    case 'refused':
      return {
        ...emptyParts,
        mood: 'bad',
        title: 'I could not do that',
        text: message.message,
        ...defined({ hint: message.wayOut }),
        facts: [`You typed: ${message.typed}`],
      }
    case 'trouble':
      return {
        ...emptyParts,
        mood: 'bad',
        title: 'Something went wrong on our side',
        text: message.message,
        facts: [
          ...(message.typed === undefined ? [] : [`You typed: ${message.typed}`]),
          ...(message.reference === undefined ? [] : [`Reference: ${message.reference}`]),
        ],
      }
    case 'confirm':
    case 'link':
    case 'replay-link':
    case 'session-link':
      return { ...emptyParts, mood: 'plain', ...renderLink(message) }
    case 'session':
      return renderSessionCard(message)
    case 'listing':
      return {
        ...emptyParts,
        mood: 'plain',
        title: message.title,
        ...(message.rows.length === 0 ? {} : { output: tableText(message.columns, message.rows) }),
        ...defined({ hint: message.note }),
      }
    case 'output':
      return { ...emptyParts, ...renderOutputPage(message) }
    case 'fan-out':
      return { ...emptyParts, ...renderFanOut(message) }
    case 'timeline':
    case 'alert':
    case 'triage':
      return renderIncident(message)
    case 'asking':
    case 'glass-broken':
    case 'standing-use':
    case 'decided':
      return renderRun(message)
    default:
      return renderPart(message)
  }
}

function renderSessionCard(message: Extract<Message, { kind: 'session' }>): MessageView {
  const { run } = message
  return { facts: runFacts(run), examples: [], actions: sessionActions(run), run: run.id, ...renderSession(message) }
}

function renderMisunderstood({ message, suggestion, typed }: Extract<Message, { kind: 'misunderstood' }>): MessageView {
  return {
    ...emptyParts,
    mood: 'plain',
    title: 'I did not understand that',
    text: message,
    examples: suggestion === undefined ? [] : [{ command: suggestion, about: 'did you mean this?' }],
    facts: [`You typed: ${typed}`],
  }
}

function renderIncident(message: TimelineMessage | AlertMessage | TriageMessage): MessageView {
  if (message.kind === 'triage') return renderTriage(message)
  return message.kind === 'alert' ? renderAlert(message) : renderTimeline(message)
}

type RunMessage = Exclude<Extract<Message, { run: RunCard }>, { kind: 'session' }>

function renderPart(message: ProgressMessage): MessageView {
  const view = renderRun(message)
  if (message.part === undefined) return view
  return message.part === 'root' ? toRootView(message, view) : toThreadView(message, view)
}

function renderRun(message: RunMessage): MessageView {
  const { run } = message
  const base = {
    facts: runFacts(run),
    examples: [],
    actions: selectActions(message),
    run: run.id,
    ...defined({ typed: run.typed }),
  }
  const what = `${run.command} on ${run.target}`
  switch (message.kind) {
    case 'asking':
    case 'glass-broken':
    case 'standing-use':
    case 'decided':
      return { ...base, ...renderApproval(message) }
    case 'queued':
      return {
        ...base,
        mood: 'busy',
        title: `Queued: ${what}`,
        ...defined({ hint: message.note }),
      }
    case 'starting':
      return { ...base, mood: 'busy', title: `Starting: ${what}` }
    case 'running':
      return {
        ...base,
        mood: 'busy',
        title: `Running for ${secondsText(message.elapsed)}: ${what}`,
        ...renderOutput(message.output),
      }
    case 'ended':
      return {
        ...base,
        ...renderMeaning(message),
        title: `${endedTitle(message)}: ${what}`,
        ...(message.end.message === undefined ? {} : { text: toSentence(message.end.message) }),
        ...renderEndedOutput(message),
        ...defined({ hint: message.hint }),
      }
  }
}

/** Returns the buttons of a session's message: nothing of its output is stored. */
function sessionActions({ actions }: RunCard): RunCard['actions'] {
  return actions.filter((action) => runActions[action].command !== undefined && runActions[action].about !== 'output')
}

/** Returns how a run ended, and its duration where its tool had begun: a run that did not start lasted for no time. */
function endedTitle({ run, end, duration }: EndedMessage): string {
  const text = endText(end)
  const hasBegun = run.startedAt !== undefined || duration > 0
  return hasBegun ? `${text} after ${secondsText(duration)}` : text.replace(/,$/, '')
}

/** Returns the buttons of a message: those about the output only where it doesn't show all of it. */
function selectActions(message: RunMessage): RunCard['actions'] {
  const whole = message.kind !== 'ended' || isWhole(message.output)
  return message.run.actions.filter((action) => {
    const { command, form, about } = runActions[action]
    return (command !== undefined || form !== undefined) && !(whole && about === 'output')
  })
}

function renderOutput(output: OutputView): Pick<MessageView, 'output' | 'outputNote'> {
  if (output.lines === 0) return {}
  const hiddenLines = countHiddenLines(output)
  if (output.head !== undefined)
    return { output: `${output.head}\n… ${count(hiddenLines, 'line')} left out …\n${output.tail}` }
  return {
    output: output.tail,
    ...(hiddenLines === 0 ? {} : { outputNote: `${count(hiddenLines, 'earlier line')} not shown` }),
  }
}

/** Returns the number of lines before the tail that the view doesn't show. */
function countHiddenLines(output: OutputView): number {
  return output.linesBefore - (output.head === undefined ? 0 : output.head.split('\n').length)
}

const moods = { ok: 'good', warn: 'warn', bad: 'bad' } as const

/** Prefers the insight to the exit code: `dig` exits with 0 for a name that doesn't exist. */
function renderMeaning({ insight, end }: EndedMessage): Pick<MessageView, 'mood' | 'headline' | 'numbers'> {
  if (insight === undefined)
    return { mood: end.reason === 'completed' ? 'good' : end.reason === 'nothing-found' ? 'plain' : 'bad' }
  const numbers = insight.facts.map(({ name, value }) => `${name} ${value}`).join(' · ')
  return { mood: moods[insight.severity], headline: insight.headline, ...(numbers === '' ? {} : { numbers }) }
}

function renderEndedOutput(message: EndedMessage): Pick<MessageView, 'output' | 'outputNote'> {
  const { end, output, file } = message
  const notes = [
    ...(message.changed ? [changedOutputText] : []),
    ...(output.lines === 0 && end.reason === 'completed' ? ['The tool wrote no output.'] : []),
    ...(output.linesBefore === 0 || output.head !== undefined
      ? []
      : [`${count(output.linesBefore, 'earlier line')} not shown`]),
    ...(file === undefined
      ? []
      : [`whole output (${count(output.lines, 'line')}, ${sizeText(output.bytes)}) in ${file}`]),
    ...(message.fileRefused ? [fileRefusedText] : []),
    ...(end.complete ? [] : [missingText(end, output.lines)]),
    ...(output.redacted === 0 ? [] : [`${count(output.redacted, 'secret')} redacted`]),
  ]
  return { ...renderOutput(output), ...(notes.length === 0 ? {} : { outputNote: notes.join('; ') }) }
}

/** Says that the platform took no file, with what to do instead. */
const fileRefusedText = 'the whole output could not be attached as a file: "More output" shows it page by page'

/** Warning about a text that somebody with access to the store may have written. */
const changedOutputText =
  ':rotating_light: This text differs from what was recorded when the run ended: something other than this program changed it in Redis. Do not rely on it.'

function toSentence(text: string): string {
  const upper = `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
  return /[.!?…]$/.test(upper) ? upper : `${upper}.`
}

function renderOutputPage(message: Extract<Message, { kind: 'output' }>): Omit<MessageView, 'facts' | 'examples'> {
  const { run, what, text, page, pages, lines, found, words } = message
  const where = pages > 1 ? `, page ${page} of ${pages}` : ''
  const title =
    words === undefined
      ? `Output of ${run}${where}: ${what}`
      : `${found} of ${lines} lines contain "${words}"${where}: ${what}`
  return {
    mood: 'plain',
    title,
    ...(message.changed ? { outputNote: changedOutputText } : {}),
    ...(text === '' ? { text: lines === 0 ? 'There is no output.' : 'No line matches.' } : { output: text }),
    // A button carries no filter words: for the next page of a filtered output the filter form is opened again.
    actions: page < pages && words === undefined ? ['output', 'filter'] : ['filter'],
    run,
    next: page + 1,
  }
}
