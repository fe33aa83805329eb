import type { ChannelEvent } from '#adapters/common/event-stream-adapter'
import { endText } from '#core/messages/end-text'
import type { Message } from '#core/messages/message'
import { renderMessage } from '#core/messages/render'
import { plainText } from '#core/messages/view'
import { defined } from '#core/util/defined'
import { exitCode } from './exit-code.ts'
import { consolePrinter } from './printer.ts'

/** Where the thread of a command is shown. */
export type ConsoleOutput = {
  show: (event: ChannelEvent) => void
  /** Called once, with the exit code. */
  end: (code: number) => void
}

/** Shows a thread to people: new states, output as it comes, and each target's outcome of a command on many. */
export function textOutput(print: (text: string) => void): ConsoleOutput {
  const printer = consolePrinter(print)
  let progress = ''
  return {
    show(event) {
      const message = messageOf(event)
      if (message === undefined) return
      if (message.kind !== 'fan-out') return printer.show(message)
      const isFinal = exitCode(message) !== undefined
      const { title } = renderMessage(message)
      if (isFinal) printer.show(message)
      else if (title !== progress) print(title)
      progress = title
      if (isFinal) for (const line of outcomeLines(message)) print(line)
    },
    end: () => undefined,
  }
}

function outcomeLines({ results, skipped }: Extract<Message, { kind: 'fan-out' }>): string[] {
  return [
    ...results.flatMap(({ targets, ...end }) =>
      targets.map((target) => `${target}: ${endText(end).replace(/,$/, '')}`),
    ),
    ...skipped.flatMap(({ why, targets }) => targets.map((target) => `${target}: not run: ${why}`)),
  ]
}

/**
 * Shows a thread to programs, one JSON object a line: `{ event: 'posted' | 'edited', message, at, kind, id?, text, content }`, `{ event: 'attached',
 * message, at, file }`, and last `{ event: 'exit', code }`. `message`: id of the posted message, which edits and files refer to; `id`: of the run or
 * fan-out; `text`: what people see; `content`: the message's fields, such as `content.end.exitCode`.
 */
export function jsonOutput(print: (line: string) => void): ConsoleOutput {
  return {
    show: (event) => print(JSON.stringify(toJson(event))),
    end: (code) => print(JSON.stringify({ event: 'exit', code })),
  }
}

function toJson(event: ChannelEvent): object {
  const { type, message, at } = event
  const thread = 'thread' in event && event.thread !== undefined ? { thread: event.thread } : {}
  const common = { event: type, message, ...thread, at }
  if (type === 'attached') return { ...common, file: event.file }
  if (type === 'said') return { ...common, by: event.by, text: event.text }
  const { notice } = event
  const id = idOf(notice)
  const shown = { kind: notice.kind, ...defined({ id }), text: plainText(renderMessage(notice)) }
  return { ...common, ...shown, content: notice }
}

/** Returns the message of an event of the bot. */
export function messageOf(event: ChannelEvent): Message | undefined {
  return event.type === 'posted' || event.type === 'edited' ? event.notice : undefined
}

/** Returns the id of the run or fan-out that a message shows. */
export function idOf(message: Message): string | undefined {
  if (message.kind === 'fan-out' || message.kind === 'triage') return message.id
  if (!('run' in message)) return undefined
  return typeof message.run === 'string' ? message.run : message.run.id
}
