import type { Message } from '#core/messages/message'
import { renderMessage } from '#core/messages/render'
import { plainText } from '#core/messages/view'

/**
 * Creates a printer of a thread: prints a line for each new state, and output as it arrives. Lines that the live output
 * has skipped are reported as a count, and no line is printed twice.
 */
export function consolePrinter(print: (text: string) => void): { show: (message: Message) => void } {
  let lastState = ''
  let lastCard = ''
  let printedLines = 0
  const printOutput = (message: Extract<Message, { output: unknown }>) => {
    const { tail, linesBefore } = message.output
    const lines = tail === '' ? [] : tail.split('\n')
    // The last line of live output may still be incomplete.
    const complete = message.kind === 'ended' ? lines.length : lines.length - 1
    const skipped = linesBefore - printedLines
    if (skipped > 0) print(`… ${skipped} lines omitted`)
    for (const line of lines.slice(Math.max(0, printedLines - linesBefore), complete)) print(line)
    printedLines = Math.max(printedLines, linesBefore + complete)
  }
  return {
    show(message) {
      if (!('run' in message)) {
        print(plainText(renderMessage(message)))
        return
      }
      const view = renderMessage(message)
      if (message.kind === 'ended') {
        printOutput(message)
        print('')
        const { output: _printed, ...rest } = view
        print(plainText({ ...rest, facts: [] }))
        return
      }
      if ('facts' in message) {
        const card = plainText(view)
        if (card !== lastCard) print(card)
        lastCard = card
      } else if (message.kind !== lastState) print(message.kind === 'queued' ? plainText(view) : stateLine(view.title))
      lastState = message.kind
      if (message.kind === 'running') printOutput(message)
    },
  }
}

/** Returns the state without the command, which was printed above: `Starting …`. */
function stateLine(title: string): string {
  return `${title.split(/[: ]/, 1)[0] ?? title} …`
}
