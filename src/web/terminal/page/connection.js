import { prove } from './browser-key.js'

const headBytes = 9
/** Bytes of input that are sent ahead of what the shell was given, and in one message. */
const inputWindow = 64 * 1_024
const inputPiece = 16 * 1_024
/** Delays before the connection is tried again, in ms: a shell is there again within two seconds after its network or its process is. */
const delays = [200, 500, 1_000, 1_500]
/** Number of connections in a row without any message, after which the page says what may block them. */
const maxSilent = 4

/**
 * Holds what was typed and not yet given to the shell. `first`: the number of its first byte; `sent`: the number of the next byte to send.
 */
function createTyped(saved) {
  let { inputFrom: first = 0, typed = new Uint8Array() } = saved ?? {}
  let sent = first
  // Joined when they are needed: a program may ask the terminal thousands of things at once, each of which it answers.
  let added = []
  const join = () => {
    if (added.length === 0) return
    const parts = [typed, ...added]
    typed = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
    let at = 0
    for (const part of parts) {
      typed.set(part, at)
      at += part.length
    }
    added = []
  }
  return {
    add(bytes) {
      added.push(bytes)
    },
    /** Returns the next piece to send, with its number; undefined where there is none, or the window is full. */
    next() {
      join()
      const start = sent - first
      if (start >= typed.length || start >= inputWindow) return undefined
      const piece = typed.subarray(start, Math.min(start + inputPiece, inputWindow, typed.length))
      const from = sent
      sent += piece.length
      return { from, piece }
    },
    /** Forgets what the shell was given. */
    given(upTo) {
      join()
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
    state() {
      join()
      return { inputFrom: first, typed }
    },
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
  // Connections in a row on which nothing came.
  let silent = 0
  let timer
  let isOver = false
  let heardAt = 0
  let aliveMs = 20_000
  const open = () => {
    clearTimeout(timer)
    if (isOver || (socket !== undefined && socket.readyState <= 1)) return
    onState(attempts === 0 ? 'connecting' : 'reconnecting')
    const own = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/t/connect`)
    own.binaryType = 'arraybuffer'
    socket = own
    heardAt = performance.now()
    own.onmessage = ({ data }) => {
      heardAt = performance.now()
      silent = 0
      if (own === socket) onMessage(data)
    }
    own.onclose = () => {
      if (own !== socket) return
      onLost()
      if (isOver) return
      silent += 1
      onState(silent < maxSilent ? 'reconnecting' : 'unreachable')
      // Not all pages at the same moment.
      timer = setTimeout(open, delays[Math.min(attempts, delays.length - 1)] * (0.75 + Math.random() / 4))
      attempts += 1
    }
  }
  // A connection of the network before is dead, even where the browser doesn't know yet.
  const drop = () => {
    const old = socket
    socket = undefined
    old?.close()
    if (isOver) return
    onLost()
    open()
  }
  addEventListener('online', drop)
  addEventListener('offline', () => onState('offline'))
  const watch = () => {
    if (isOver) return
    if (socket?.readyState <= 1 && performance.now() - heardAt > 2.5 * aliveMs) drop()
    setTimeout(watch, aliveMs / 4)
  }
  watch()
  return {
    open,
    current: () => socket,
    send(data) {
      if (socket.readyState === 1) socket.send(data)
    },
    /** Sets the time between two signs of life of the server. */
    expect(ms) {
      aliveMs = ms
    },
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

/** Returns a function that does the work once for all its calls of one turn: what is typed at once goes in one message. */
function oncePerTurn(work) {
  let isDue = false
  return () => {
    if (isDue) return
    isDue = true
    queueMicrotask(() => {
      isDue = false
      work()
    })
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
  const pumpSoon = oncePerTurn(pump)
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
    nonce: async ({ nonce, aliveMs }) => {
      line.expect(aliveMs)
      const socket = line.current()
      const proof = await prove(pair, { id, nonce })
      if (socket === line.current() && socket.readyState === 1)
        sendJson({ type: 'hello', id, proof, size: size(), ...(from === undefined ? {} : { from }) })
    },
    starting: () => on.state('starting'),
    notice: ({ message }) => on.notice(message),
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
      pumpSoon()
    },
    resize: () => isReady && sendJson({ type: 'size', size: size() }),
    end: () => isReady && sendJson({ type: 'end' }),
    /** Returns what the next page of this tab goes on with; `parsed`: the number of the next byte that the screen wants. */
    state: (parsed) => ({ from: parsed, ...typed.state() }),
  }
}
