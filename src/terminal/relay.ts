import type { AttachedShell, TerminalEvent } from '#core/ports/terminal'
import type { Run } from '#core/runs/run'
import type { BrowserSocket } from './browser-socket.ts'
import type { TerminalContext } from './context.ts'
import { createReleases } from './releases.ts'
import type { Inward } from './wire.ts'

/** Maximum bytes of input that a browser may send ahead of what the shell was given. */
const inputWindowBytes = 256 * 1_024

type Ended = Extract<TerminalEvent, { kind: 'ended' }>

export type Relay = {
  /** Resolves with the shell's end; with undefined where the browser left. Rejects when the connection to the shell breaks. */
  ended: Promise<Ended | undefined>
  /** Returns the time of the last key or output, in ms since 1970. */
  activeAt: () => number
}

type RelayOptions = { run: Run; shell: AttachedShell; socket: BrowserSocket; released: number; onEnd: () => void }

/**
 * Relays between a shell and a browser. Output is read only as fast as the browser acknowledges it: beyond the window the shell is held back,
 * and nothing is dropped.
 */
export function startRelay(context: TerminalContext, options: RelayOptions): Relay {
  const { run, shell, socket, released, onEnd } = options
  const { metrics, now } = context
  let activeAt = now().getTime()
  let given = 0
  let keyAt: number | undefined
  const release = createReleases(context, run.id, released, shell)
  const onInput = (from: number, bytes: Uint8Array) => {
    if (from + bytes.length > given + inputWindowBytes)
      return socket.bye('protocol', 'The page sent more than the shell takes. Reload it.', false)
    activeAt = now().getTime()
    keyAt ??= performance.now()
    metrics.bytes('in', bytes.length)
    shell.input(from, bytes)
  }
  socket.onMessage((message: Inward | undefined) => {
    switch (message?.type) {
      case 'input':
        return onInput(message.from, message.bytes)
      case 'ack':
        return release(message.upTo)
      case 'size':
        return shell.resize(message.size)
      case 'end':
        return onEnd()
      default:
        return socket.bye('protocol', 'The page sent something that is not understood. Reload it.', true)
    }
  })
  const onOutput = (from: number, bytes: Uint8Array) => {
    activeAt = now().getTime()
    metrics.bytes('out', bytes.length)
    if (keyAt !== undefined) metrics.echo((performance.now() - keyAt) / 1_000)
    keyAt = undefined
    socket.sendData(from, bytes)
  }
  const pump = async (): Promise<Ended | undefined> => {
    const leave = () => shell.close()
    socket.closed.addEventListener('abort', leave)
    try {
      for await (const event of shell.events) {
        if (event.kind === 'ended') return event
        if (event.kind === 'output') onOutput(event.from, event.bytes)
        else if (event.kind === 'echo') socket.send({ type: 'echo', echo: event.echo, canonical: event.canonical })
        else if (event.kind === 'input') {
          given = event.upTo
          socket.send({ type: 'input', upTo: event.upTo })
        }
      }
      return undefined
    } finally {
      socket.closed.removeEventListener('abort', leave)
      shell.close()
    }
  }
  return { ended: pump(), activeAt: () => activeAt }
}
