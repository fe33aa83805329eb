import { prove } from './browser-key.js'

const headBytes = 9
/** Bytes of input that are sent ahead of what the shell was given, and in one message. */
const inputWindow = 64 * 1_024
const inputPiece = 16 * 1_024
/** Delays before the connection is tried again, in ms. */
const delays = [200, 500, 1_000, 2_000, 5_000]

/**
 * Holds what was typed and not yet given to the shell. `first`: the number of its first byte; `sent`: the number of the next byte to send.
 */
function createTyped(saved) {
  let { inputFrom: first = 0, typed = new Uint8Array() } = saved ?? {}
  let sent = first
  return {
    add(bytes) {
      const next = new Uint8Array(typed.length + bytes.length)
      next.set(typed)
      next.set(bytes, typed.length)
      typed = next
    },
    /** Returns the next piece to send, with its number; undefined where there is none, or the window is full. */
    next() {
      const start = sent - first
      if (start >= typed.length || start >= inputWindow) return undefined
      const piece = typed.subarray(start, Math.min(start + inputPiece, inputWindow, typed.length))
      const from = sent
      sent += piece.length
      return { from, piece }
    },
    /** Forgets what the shell was given. */
    given(upTo) {
      if (upTo > first || typed.length === 0) {
        typed = typed.slice(Math.min(typed.length, Math.max(0, upTo - first)))
        first = upTo
        sent = Math.max(sent, upTo)
        if (typed.length === 0) sent = upTo
      }
    },
    /** Sends again what the shell wasn't given, on a new connection. */
    rewind(upTo) {
      this.given(upTo)
      sent = first
    },
    state: () => ({ inputFrom: first, typed: [...typed] }),
  }
}

function frameOf({ from, piece }) {
  const frame = new Uint8Array(headBytes + piece.length)
  frame[0] = 1
  new DataView(frame.buffer).setBigUint64(1, BigInt(from))
  frame.set(piece, headBytes)
  return frame
}

/**
 * Keeps a WebSocket open: opens another one where it was closed, after a delay that grows, or at once where the device is online again. Messages of
 * an earlier one are dropped.
 */
function keepOpen({ onMessage, onLost, onState }) {
  let socket
  let attempts = 0
  let timer
  let isOver = false
  const open = () => {
    clearTimeout(timer)
    if (isOver || (socket !== undefined && socket.readyState <= 1)) return
    onState(attempts === 0 ? 'connecting' : 'reconnecting')
    const own = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/t/connect`)
    own.binaryType = 'arraybuffer'
    socket = own
    own.onmessage = ({ data }) => {
      if (own === socket) onMessage(data)
    }
    own.onclose = () => {
      if (own !== socket) return
      onLost()
      if (isOver) return
      onState('reconnecting')
      timer = setTimeout(open, delays[Math.min(attempts, delays.length - 1)])
      attempts += 1
    }
  }
  addEventListener('online', open)
  addEventListener('offline', () => onState('offline'))
  return {
    open,
    current: () => socket,
    send: (data) => socket.send(data),
    /** Says that the connection serves. */
    serves() {
      attempts = 0
    },
    /** Opens no further one. */
    stop() {
      isOver = true
    },
  }
}

/**
 * Keeps a connection to a session: proves this browser's key, asks for output from the last byte that was received, and sends again what was typed
 * and did not arrive. `saved`: the state that a page before a reload left. `on` gets what happens.
 */
export function connect({ id, pair, saved, size, on }) {
  const typed = createTyped(saved)
  let from = saved?.from
  let isReady = false
  const sendJson = (message) => line.send(JSON.stringify(message))
  const pump = () => {
    if (!isReady) return
    for (let next = typed.next(); next !== undefined; next = typed.next()) line.send(frameOf(next))
  }
  const takeOutput = (buffer) => {
    const at = Number(new DataView(buffer).getBigUint64(1))
    const bytes = new Uint8Array(buffer, headBytes)
    const fresh = bytes.subarray(Math.max(0, (from ?? at) - at))
    if (fresh.length === 0) return
    const upTo = at + bytes.length
    from = upTo
    on.output(fresh, upTo, () => {
      if (isReady) sendJson({ type: 'ack', upTo })
    })
  }
  const handlers = {
    nonce: async ({ nonce }) => {
      const socket = line.current()
      const proof = await prove(pair, { id, nonce })
      if (socket === line.current() && socket.readyState === 1)
        sendJson({ type: 'hello', id, proof, size: size(), ...(from === undefined ? {} : { from }) })
    },
    starting: () => on.state('starting'),
    ready: (message) => {
      line.serves()
      from = message.from
      on.ready(message)
    },
    input: ({ upTo }) => {
      if (isReady) typed.given(upTo)
      else {
        typed.rewind(upTo)
        // The size may have changed since the hello.
        sendJson({ type: 'size', size: size() })
      }
      isReady = true
      pump()
    },
    echo: (message) => on.echo(message),
    ended: (message) => on.ended(message),
    bye: ({ reason, message, final }) => {
      if (final) line.stop()
      on.bye({ reason, message, final })
    },
  }
  const line = keepOpen({
    onState: on.state,
    onLost: () => {
      isReady = false
    },
    onMessage: (data) => {
      if (typeof data !== 'string') return takeOutput(data)
      const message = JSON.parse(data)
      handlers[message.type]?.(message)
    },
  })
  line.open()
  return {
    type(bytes) {
      typed.add(bytes)
      pump()
    },
    resize: () => isReady && sendJson({ type: 'size', size: size() }),
    end: () => isReady && sendJson({ type: 'end' }),
    /** Returns what the next page of this tab goes on with; `parsed`: the number of the next byte that the screen wants. */
    state: (parsed) => ({ from: parsed, ...typed.state() }),
  }
}
