import type { AttachedShell, TerminalEvent } from '#core/ports/terminal'
import type { Run } from '#core/runs/run'
import { onAbort } from '#core/util/on-abort'
import { createReleases } from './acknowledge-output.ts'
import type { BrowserSocket } from './browser-socket.ts'
import type { TerminalContext } from './context.ts'
import type { Recorder, Show } from './recorder.ts'
import { RecordingError } from './recording-writer.ts'
import { createTypedInput, recordsLines } from './typed-input.ts'
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

type RelayOptions = {
  run: Run
  shell: AttachedShell
  socket: BrowserSocket
  recorder: Recorder
  released: number
  onEnd: () => void
}

/**
 * Relays between a shell and a browser. Output is recorded before it is shown. It is read only as fast as the browser acknowledges it: beyond the window the shell is held back,
 * and nothing is dropped.
 */
export function startRelay(context: TerminalContext, options: RelayOptions): Relay {
  const { run, shell, socket, recorder, released, onEnd } = options
  const { metrics, now } = context
  let activeAt = now().getTime()
  const typed = recordsLines(context, run) ? createTypedInput() : undefined
  let given = 0
  let shown = released
  let keyAt: number | undefined
  const release = createReleases(context, run.id, released, shell)
  const onInput = (from: number, bytes: Uint8Array) => {
    if (from + bytes.length > given + inputWindowBytes)
      return socket.bye('protocol', 'The page sent more than the shell takes. Reload it.', false)
    activeAt = now().getTime()
    keyAt ??= performance.now()
    metrics.bytes('in', bytes.length)
    typed?.add(from, bytes, activeAt)
    shell.input(from, bytes)
  }
  socket.onMessage((message: Inward | undefined) => {
    switch (message?.type) {
      case 'input':
        return onInput(message.from, message.bytes)
      case 'ack':
        // What a browser hasn't been shown yet isn't let go: it might not be recorded.
        return release(Math.min(message.upTo, shown))
      case 'size':
        return shell.resize(message.size)
      case 'end':
        return onEnd()
      default:
        return socket.bye('protocol', 'The page sent something that is not understood. Reload it.', true)
    }
  })
  const show: Show = (from, bytes) => {
    if (keyAt !== undefined) metrics.echo((performance.now() - keyAt) / 1_000)
    keyAt = undefined
    shown = from + bytes.length
    socket.sendData(from, bytes)
  }
  const onOutput = (from: number, bytes: Uint8Array) => {
    activeAt = now().getTime()
    metrics.bytes('out', bytes.length)
    for (const line of typed?.printed(bytes, activeAt) ?? []) recorder.input(line)
    recorder.output(from, bytes, show)
  }
  const onEcho = ({ echo, canonical }: Extract<TerminalEvent, { kind: 'echo' }>) => {
    typed?.settings({ echo, canonical })
    socket.send({ type: 'echo', echo, canonical })
  }
  const pump = async (): Promise<Ended | undefined> => {
    const stopClosing = closeShellWith(options)
    try {
      for await (const event of shell.events) {
        if (event.kind === 'ended') {
          await recorder.flushed()
          return event
        }
        if (event.kind === 'output') onOutput(event.from, event.bytes)
        else if (event.kind === 'size') recorder.size(event.size)
        else if (event.kind === 'echo') onEcho(event)
        else if (event.kind === 'input') {
          given = event.upTo
          socket.send({ type: 'input', upTo: event.upTo })
        }
      }
      recorder.failed.throwIfAborted()
      return undefined
    } finally {
      recorder.close()
      stopClosing()
      shell.close()
    }
  }
  return { ended: pump(), activeAt: () => activeAt }
}

/** Closes the connection to a shell when its browser leaves, or when nothing more can be recorded; returns the function that stops that. */
function closeShellWith({ shell, socket, recorder }: RelayOptions): () => void {
  const stop = () => {
    // Nothing more can be shown; but another process that records goes on with the shell.
    const { reason } = recorder.failed
    if (!(reason instanceof RecordingError) || reason.kind !== 'taken') shell.hangUp()
    shell.close()
  }
  const forgetBrowser = onAbort(socket.closed, () => shell.close())
  const forgetRecorder = onAbort(recorder.failed, stop)
  return () => {
    forgetRecorder()
    forgetBrowser()
  }
}
