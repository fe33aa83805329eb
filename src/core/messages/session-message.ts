import type { RecordingSummary } from '#core/recording/session-recording'
import type { Run } from '#core/runs/run'
import { minutesLeft } from '#core/terminal/terminal-session'
import type { Instant } from '#core/util/instant'
import { count, secondsText } from '#core/util/units'
import type { Message } from './message.ts'
import { runCard } from './run-card.ts'
import type { Field, MessageView } from './view.ts'

export type SessionMessage = Extract<Message, { kind: 'session' }>

/** Returns the message of an interactive session as it is now: open with the time that is left, or ended. */
export function sessionMessage(run: Run, now: Instant): SessionMessage {
  const { terminal, end, startedAt = run.queuedAt } = run
  return {
    kind: 'session',
    run: runCard(run),
    until: terminal?.until ?? now,
    minutes: terminal === undefined ? 0 : minutesLeft(terminal, now),
    idle: terminal?.idle ?? 0,
    ...(end === undefined ? {} : { end, duration: Math.max(0, (Date.parse(end.at) - Date.parse(startedAt)) / 1_000) }),
    ...(terminal?.recording === undefined ? {} : { recording: terminal.recording }),
    ...(run.output === undefined ? {} : { output: { bytes: run.output.bytes, sha256: run.output.sha256 } }),
  }
}

/** Renders the message of a session. */
export function renderSession({
  run,
  until,
  minutes,
  idle,
  end,
  duration = 0,
  output,
  recording,
}: SessionMessage): Omit<MessageView, 'facts' | 'examples' | 'actions'> {
  const where = `${run.target}`
  if (end === undefined)
    return {
      mood: 'busy',
      title: `Shell open on ${where}: ${count(minutes, 'minute')} left`,
      text: `${run.by} has it, by a private link. It ends by “End session”, after ${secondsText(idle)} without use, or when its time is up.`,
      fields: [{ label: 'Ends at the latest', value: until, as: 'instant' }],
    }
  const fields: Field[] = [
    ...(output === undefined ? [] : [{ label: 'Output', value: count(output.bytes, 'byte') }]),
    ...(output === undefined ? [] : [{ label: 'SHA-256', value: output.sha256, as: 'code' as const }]),
    ...(recording === undefined ? [] : recordingFields(recording)),
  ]
  const exit = end.exitCode === undefined ? '' : ` with exit code ${end.exitCode}`
  return {
    mood: end.reason === 'completed' ? 'good' : 'warn',
    title: `Shell on ${where} ended${exit} after ${secondsText(duration)}`,
    ...(end.message === undefined ? {} : { text: `It ended because ${end.message.replace(/\.$/, '')}.` }),
    ...(fields.length === 0 ? {} : { fields }),
  }
}

function recordingFields({ bytes, events, hash, expiresAt }: RecordingSummary): Field[] {
  return [
    { label: 'Recording', value: `${count(events, 'event')}, ${count(bytes, 'byte')} of output` },
    { label: 'Hash of the recording', value: hash, as: 'code' },
    { label: 'Recording is kept until', value: expiresAt, as: 'instant' },
  ]
}
