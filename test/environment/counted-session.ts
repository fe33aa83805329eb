import { createHash } from 'node:crypto'
import type { AttachedShell, TerminalEvent } from '#core/ports/terminal'

const ticks = 1_200

/** Shell that prints 200 lines a second, and each typed line with its number; it ends with 5 after both. */
export const countingShell: readonly string[] = [
  'bash',
  '-c',
  `stty -echo
(i=0; while [ $i -lt ${ticks} ]; do i=$((i+1)); echo "tick $i"; sleep 0.005; done) &
n=0; while read -r line; do n=$((n+1)); echo "typed $n $line"; [ "$line" = last ] && break; done; wait; exit 5`,
]

const lines = [...Array.from({ length: 60 }, (_each, at) => `key ${at + 1}`), 'last']
const typed = Buffer.from(`${lines.join('\n')}\n`)

/** What came of a counting session: all output, by byte number, and the session's own account of it. */
export type CountedSession = {
  end: Extract<TerminalEvent, { kind: 'ended' }>
  total: number
  sha256: string
  /** Lines in order, and those that there should be. */
  ticks: readonly string[]
  typed: readonly string[]
  attaches: number
}

export const expectedTicks = Array.from({ length: ticks }, (_each, at) => `tick ${at + 1}`)
export const expectedTyped = lines.map((line, at) => `typed ${at + 1} ${line}`)

/**
 * Reads a counting session to its end while it types, and attaches again whenever the connection is lost. Of what the
 * shell was given, a part is typed again each time. `attach` rejects with other errors than `lost` only where the
 * session is no more. `onAttach` is called with each connection.
 */
export async function readCountingSession(
  attach: (from: number) => Promise<AttachedShell>,
  onAttach: (attaches: number) => void,
): Promise<CountedSession> {
  const parts: Buffer[] = []
  let next = 0
  let attaches = 0
  for (;;) {
    try {
      const shell = await attach(next)
      attaches += 1
      onAttach(attaches)
      for await (const event of typeInto(shell)) {
        if (event.kind === 'ended') return countedSession(Buffer.concat(parts), event, attaches)
        if (event.kind !== 'output') continue
        if (event.from !== next) throw new Error(`output from byte ${event.from} came where ${next} was due`)
        parts.push(Buffer.from(event.bytes))
        next += event.bytes.length
        shell.acknowledge(next)
      }
    } catch (error) {
      if ((error as { kind?: string }).kind !== 'lost') throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

/** Yields a session's events while it types what the shell doesn't have yet, and some of what it has. */
async function* typeInto(shell: AttachedShell): AsyncGenerator<TerminalEvent> {
  let sent = 0
  let typing: NodeJS.Timeout | undefined
  try {
    for await (const event of shell.events) {
      if (event.kind === 'input') {
        sent = Math.max(sent, event.upTo)
        typing ??= setInterval(() => {
          const from = Math.max(0, sent - 7)
          sent = Math.min(typed.length, sent + 11)
          shell.input(from, typed.subarray(from, sent))
        }, 40)
      }
      yield event
    }
  } finally {
    clearInterval(typing)
  }
}

function countedSession(output: Buffer, end: CountedSession['end'], attaches: number): CountedSession {
  const shown = output.toString('utf8').split('\r\n')
  return {
    end,
    total: output.length,
    sha256: createHash('sha256').update(output).digest('hex'),
    ticks: shown.filter((line) => line.startsWith('tick ')),
    typed: shown.filter((line) => line.startsWith('typed ')),
    attaches,
  }
}
