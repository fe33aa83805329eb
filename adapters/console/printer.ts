import type { Message } from '#core/messages/message'
import { renderMessage } from '#core/messages/render'
import { plainText } from '#core/messages/view'

/**
 * Prints a thread as it grows: a new line for each state, and output as it comes. What a live tail has left out comes
 * with the ending, so nothing is printed twice.
 */
export function consolePrinter(print: (text: string) => void): { show: (notice: Message) => void } {
  let lastState = ''
  let printed = 0
  const output = (notice: Extract<Message, { output: unknown }>) => {
    const { tail, linesBefore } = notice.output
    const lines = tail === '' ? [] : tail.split('\n')
    // The last line of a live tail may still grow.
    const whole = notice.kind === 'ended' ? lines.length : lines.length - 1
    const missed = linesBefore - printed
    if (missed > 0) print(`… ${missed} lines left out`)
    for (const line of lines.slice(Math.max(0, printed - linesBefore), whole)) print(line)
    printed = Math.max(printed, linesBefore + whole)
  }
  return {
    show(notice) {
      if (!('run' in notice)) {
        print(plainText(renderMessage(notice)))
        return
      }
      const words = renderMessage(notice)
      if (notice.kind === 'ended') {
        output(notice)
        print('')
        const { output: _shown, ...rest } = words
        print(plainText({ ...rest, facts: [] }))
        return
      }
      if (notice.kind !== lastState) print(notice.kind === 'queued' ? plainText(words) : stateLine(words.title))
      lastState = notice.kind
      if (notice.kind === 'running') output(notice)
    },
  }
}

/** `Starting`, without the command that was printed above. */
function stateLine(title: string): string {
  return `${title.split(/[: ]/, 1)[0] ?? title} …`
}
