import { createHash } from 'node:crypto'
import {
  type AttachedShell,
  type SessionPlace,
  type SessionStart,
  TerminalConnectionError,
  type TerminalContainers,
  type TerminalEndReason,
  type TerminalEvent,
  type TerminalFault,
  type TerminalPort,
  type TerminalSize,
} from '#core/ports/terminal'

/** Bytes of output that are sent before they are acknowledged. */
const windowBytes = 256 * 1_024

export type FakeTerminal = TerminalPort &
  TerminalContainers & {
    /** Starts of sessions, in order; a second start of the same session isn't one. */
    started: { place: SessionPlace; session: SessionStart }[]
    /** Ids of sessions whose containers exist. */
    containers: Set<string>
    /** Ids of sessions whose shells run. */
    running: () => string[]
    /** Breaks all connections (`lost`); the shells go on. */
    cut: () => void
    /** Prints a text to a session's terminal, as a program in it would. */
    print: (id: string, text: string) => void
    /** Prints bytes, as they are. */
    printBytes: (id: string, bytes: Uint8Array) => void
    /** Returns all bytes that were typed into a session's terminal. */
    typed: (id: string) => Buffer
    /** Ends a session's shell as if its process had ended. */
    end: (id: string, why: TerminalEndReason, exitCode?: number) => void
    /** Makes all calls fail with this fault until it is undefined again. */
    fault: { kind: TerminalFault; message: string; isExplained?: true } | undefined
  }

/**
 * Simulates sessions in memory, with a small shell: it echoes typed lines and answers `exit N`, `count N` (prints the
 * numbers 1 to N, a line each), `size`, `noecho` (the next line is read without echo) and `sleep`, which prints `sleeping`
 * and ends by Ctrl-C.
 */
export function fakeTerminal(): FakeTerminal {
  const shells = new Map<string, FakeShell>()
  const containers = new Set<string>()
  const started: FakeTerminal['started'] = []
  const terminal: FakeTerminal = {
    started,
    containers,
    fault: undefined,
    running: () => [...shells].filter(([, shell]) => !shell.hasEnded()).map(([id]) => id),
    cut: () => {
      for (const shell of shells.values()) shell.disconnect('lost', 'the connection to the container broke')
    },
    print: (id, text) => shells.get(id)?.print(text),
    printBytes: (id, bytes) => shells.get(id)?.printBytes(bytes),
    typed: (id) => shells.get(id)?.typedBytes() ?? Buffer.alloc(0),
    end: (id, why, exitCode) => shells.get(id)?.end(why, exitCode),
    async start(place, session) {
      failIf(terminal.fault)
      if (shells.has(session.id)) return
      started.push({ place, session })
      shells.set(session.id, createShell(session))
    },
    async attach(_place, { id, keyHex, from }) {
      failIf(terminal.fault)
      const shell = shells.get(id)
      if (shell === undefined || shell.key !== keyHex)
        throw new TerminalConnectionError('gone', 'the session is not in its container any more')
      return shell.attach(from)
    },
    async create({ id, spec }) {
      containers.add(id)
      const pod = spec.target.kind === 'pod' ? spec.target : { name: `retina-${id}`, namespace: spec.namespace }
      const container = spec.target.kind === 'pod' ? `retina-${id}` : 'shell'
      return { cluster: spec.target.cluster, namespace: pod.namespace, pod: pod.name, container, uid: `uid-${id}` }
    },
    async remove({ id }) {
      containers.delete(id)
      shells.get(id)?.end('stopped')
      shells.get(id)?.disconnect('gone', 'the container has ended')
      shells.delete(id)
    },
  }
  return terminal
}

function failIf(fault: FakeTerminal['fault']): void {
  if (fault !== undefined) throw new TerminalConnectionError(fault.kind, fault.message, fault.isExplained)
}

/** Returns a character as a terminal echoes it: a control character as `^` and a letter. */
function inCaretNotation(character: string): string {
  const code = character.charCodeAt(0)
  return code < 32 && character !== '\t' ? `^${String.fromCharCode(code + 64)}` : character
}

type FakeShell = ReturnType<typeof createShell>
type Ended = Extract<TerminalEvent, { kind: 'ended' }>

function createShell(start: SessionStart) {
  let output = Buffer.alloc(0)
  let typed = 0
  const typedParts: Uint8Array[] = []
  let acknowledged = 0
  let line = ''
  let size = start.size
  let echo = true
  let sleeping = false
  let ended: Ended | undefined
  let connection: FakeConnection | undefined
  const timers: NodeJS.Timeout[] = []

  const printBytes = (bytes: Uint8Array) => {
    output = Buffer.concat([output, bytes])
    connection?.pump()
  }
  const print = (text: string) => printBytes(Buffer.from(text.replaceAll('\n', '\r\n')))
  const prompt = () => print('$ ')
  const end = (why: TerminalEndReason, exitCode?: number) => {
    if (ended !== undefined) return
    for (const timer of timers) clearTimeout(timer)
    const sha256 = createHash('sha256').update(output).digest('hex')
    const signal = exitCode === undefined ? 'SIGHUP' : undefined
    ended = { kind: 'ended', exitCode, signal, total: output.length, sha256, why }
    connection?.pump()
  }
  const setEcho = (on: boolean) => {
    echo = on
    connection?.push({ kind: 'echo', echo: on, canonical: true })
  }
  const runLine = (text: string) => {
    const [word = '', argument = ''] = text.trim().split(' ')
    if (word === 'exit') {
      end('exited', Number(argument || 0))
      return
    }
    if (word === 'sleep') {
      sleeping = true
      print('sleeping\n')
      return
    }
    if (word === 'count')
      print(Array.from({ length: Math.max(0, Number(argument)) }, (_each, at) => `${at + 1}\n`).join(''))
    if (word === 'size') print(`${size.rows} ${size.cols}\n`)
    if (word === 'noecho') {
      print('Password: ')
      setEcho(false)
      return
    }
    prompt()
  }
  const typeCharacter = (character: string) => {
    if (character === '\u0003') {
      sleeping = false
      line = ''
      print('^C\n')
      prompt()
      return
    }
    if (sleeping) return
    if (character !== '\r' && character !== '\n') {
      line += character
      if (echo) print(inCaretNotation(character))
      return
    }
    const text = line
    line = ''
    print('\n')
    if (echo) {
      runLine(text)
      return
    }
    setEcho(true)
    prompt()
  }
  const disconnect = (kind: TerminalFault, message: string) => {
    connection?.fail(new TerminalConnectionError(kind, message))
    connection = undefined
  }
  const armDetached = () => {
    timers.push(
      setTimeout(() => {
        if (connection === undefined) end('detached')
      }, start.detachedSeconds * 1_000).unref(),
    )
  }
  timers.push(setTimeout(() => end('max-time'), start.maxSeconds * 1_000).unref())
  armDetached()
  prompt()

  return {
    key: start.keyHex,
    print,
    printBytes,
    typedBytes: () => Buffer.concat(typedParts),
    end,
    disconnect,
    hasEnded: () => ended !== undefined,
    attach(from: number): AttachedShell {
      if (from < acknowledged || from > output.length)
        throw new TerminalConnectionError('released', `the output from byte ${from} on is not held any more`)
      disconnect('replaced', 'somebody attached to the session after this connection')
      let sent = from
      const own = createConnection(() => {
        while (sent < output.length && sent < acknowledged + windowBytes) {
          const bytes = Uint8Array.from(output.subarray(sent, Math.min(sent + 4_096, acknowledged + windowBytes)))
          own.push({ kind: 'output', from: sent, bytes })
          sent += bytes.length
        }
        if (ended === undefined || sent < output.length) return
        own.push(ended)
        own.finish()
      })
      connection = own
      acknowledged = Math.max(acknowledged, from)
      own.push({ kind: 'input', upTo: typed })
      own.push({ kind: 'echo', echo, canonical: true })
      own.pump()
      const whileOpen =
        <Args extends unknown[]>(work: (...args: Args) => void) =>
        (...args: Args) => {
          if (connection === own) work(...args)
        }
      return {
        events: own.events,
        input: whileOpen((first: number, bytes: Uint8Array) => {
          if (first > typed) {
            disconnect('gap', `typed bytes from ${typed} to ${first} are missing`)
            return
          }
          const fresh = bytes.subarray(typed - first)
          if (fresh.length === 0 || ended !== undefined) return
          typed += fresh.length
          typedParts.push(Uint8Array.from(fresh))
          for (const character of Buffer.from(fresh).toString('utf8')) typeCharacter(character)
          own.push({ kind: 'input', upTo: typed })
        }),
        resize: whileOpen((next: TerminalSize) => {
          size = next
          own.push({ kind: 'size', size: next })
        }),
        acknowledge: whileOpen((upTo: number) => {
          acknowledged = Math.max(acknowledged, Math.min(upTo, sent))
          own.pump()
        }),
        hangUp: whileOpen(() => end('hang-up')),
        close: whileOpen(() => {
          connection = undefined
          own.finish()
          armDetached()
        }),
      }
    },
  }
}

type FakeConnection = ReturnType<typeof createConnection>

function createConnection(pump: () => void) {
  const waiting: TerminalEvent[] = []
  let failure: TerminalConnectionError | undefined
  let finished = false
  let wake: () => void = () => undefined
  return {
    pump,
    push(event: TerminalEvent) {
      if (finished) return
      waiting.push(event)
      wake()
    },
    finish() {
      finished = true
      wake()
    },
    fail(error: TerminalConnectionError) {
      if (finished) return
      failure = error
      finished = true
      wake()
    },
    events: {
      async *[Symbol.asyncIterator](): AsyncGenerator<TerminalEvent> {
        for (;;) {
          const next = waiting.shift()
          if (next !== undefined) yield next
          else if (failure !== undefined) throw failure
          else if (finished) return
          else
            await new Promise<void>((resolve) => {
              wake = resolve
            })
        }
      },
    },
  }
}
