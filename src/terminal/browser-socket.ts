import type { WebSocket } from 'ws'
import { onAbort } from '#core/util/on-abort'
import { decodeInward, encodeData, type Inward, type Outward } from './wire.ts'

/** Maximum number of messages of a browser in a second. */
const maxMessagesPerSecond = 2_000

export type SocketTiming = { terminalPingMs: number; terminalDeadMs: number }

/** Connection of a browser, as messages. */
export type BrowserSocket = {
  send: (message: Outward) => void
  /** Sends output; `from` is the number of its first byte. */
  sendData: (from: number, bytes: Uint8Array) => void
  /** Sets what gets the browser's messages from now on; undefined stands for one that isn't understood. */
  onMessage: (listener: (message: Inward | undefined) => void) => void
  /** Says why it ends, and closes. */
  bye: (reason: string, message: string, final: boolean) => void
  /** Aborts when the connection is closed, by either side. */
  closed: AbortSignal
}

/**
 * Wraps a WebSocket: limits the number of messages, and closes a connection that doesn't answer pings. Messages before a listener is set are held.
 */
export function browserSocket(socket: WebSocket, timing: SocketTiming): BrowserSocket {
  const closing = new AbortController()
  let listener: ((message: Inward | undefined) => void) | undefined
  const held: (Inward | undefined)[] = []
  const isTooOften = countPerSecond(maxMessagesPerSecond)
  const bye = (reason: string, message: string, final: boolean) => {
    if (closing.signal.aborted) return
    send({ type: 'bye', reason, message, final })
    socket.close(final ? 1_000 : 1_012)
    closing.abort()
    // A browser that doesn't answer the close.
    setTimeout(() => socket.terminate(), 1_000).unref()
  }
  const send = (message: Outward) => {
    if (!closing.signal.aborted) socket.send(JSON.stringify(message))
  }
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (closing.signal.aborted) return
    if (isTooOften()) return bye('protocol', 'The page sent too many messages. Reload it.', true)
    const message = decodeInward(data, isBinary)
    if (listener === undefined) held.push(message)
    else listener(message)
  })
  socket.on('error', () => undefined)
  keepAlive(socket, timing, closing.signal)
  socket.on('close', () => closing.abort())
  return {
    send,
    sendData(from, bytes) {
      if (!closing.signal.aborted) socket.send(encodeData(from, bytes), { binary: true })
    },
    onMessage(next) {
      listener = next
      for (const message of held.splice(0)) next(message)
    },
    bye,
    closed: closing.signal,
  }
}

/** Pings, and ends a connection on which nothing arrived for too long, as when a phone lost its network. */
function keepAlive(socket: WebSocket, { terminalPingMs, terminalDeadMs }: SocketTiming, closed: AbortSignal): void {
  let heardAt = performance.now()
  const hear = () => {
    heardAt = performance.now()
  }
  socket.on('pong', hear)
  socket.on('message', hear)
  const timer = setInterval(() => {
    if (performance.now() - heardAt > terminalDeadMs) socket.terminate()
    else {
      socket.ping()
      socket.send(JSON.stringify({ type: 'alive' } satisfies Outward))
    }
  }, terminalPingMs)
  onAbort(closed, () => clearInterval(timer))
}

function countPerSecond(max: number): () => boolean {
  let since = performance.now()
  let count = 0
  return () => {
    if (performance.now() - since > 1_000) {
      since = performance.now()
      count = 0
    }
    count += 1
    return count > max
  }
}
