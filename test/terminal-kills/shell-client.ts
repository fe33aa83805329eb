import { WebSocket } from 'ws'
import { partsOfLink, terminalClient, typedFrame } from '#test/environment/terminal-client'
import { waitFor, waitUntil } from '#test/flow/wait-for'

/** Bytes after which output is acknowledged at once, and the milliseconds after which it is in any case. */
const acknowledgedBytes = 64 * 1_024
const acknowledgedMs = 10
/** Milliseconds until a lost connection is made again. */
const againMs = 300

/** A shell in a client without a browser, which connects again as a page does, and takes output as fast as it comes. */
export type ShellClient = {
  id: string
  /** Returns the number of output bytes that were shown. */
  shown: () => number
  /** Returns what the terminal said when the session ended; undefined while it is open. */
  farewell: () => string | undefined
  type: (text: string) => void
  /** Ends the session as the page's button does. */
  end: () => void
  shows: (text: string) => Promise<void>
  /** Disconnects for good, as a browser that is closed. */
  leave: () => void
}

/** Uses a link and resolves once its shell is there. `port`: that of the network between. */
export async function openShellClient(port: number, link: string): Promise<ShellClient> {
  const { id, token } = partsOfLink(link)
  const client = terminalClient({ origin: `http://localhost:${port}`, base: `http://127.0.0.1:${port}` })
  const [, claimed] = await client.claim({ id, token })
  if (claimed !== 'claimed') throw new Error(`the link of ${id} could not be used: ${claimed}`)
  let connection = client.connect()
  let next: number | undefined
  let typed = 0
  let farewell: string | undefined
  let isOver = false
  const onBytes = createAcknowledgements((upTo) => {
    if (connection.socket.readyState === WebSocket.OPEN) connection.send({ type: 'ack', upTo })
  })
  const onMessage = (message: Record<string, unknown>) => {
    const { type, nonce, final } = message
    const size = { cols: 80, rows: 24 }
    const from = next === undefined ? {} : { from: next }
    if (type === 'nonce') connection.send({ type: 'hello', id, proof: client.prove(id, String(nonce)), size, ...from })
    if (type !== 'bye' || final !== true) return
    isOver = true
    farewell = String(message['message'])
  }
  const listen = () => {
    const { socket } = connection
    socket.on('message', (data: Buffer, isBinary) => {
      if (!isBinary) return onMessage(JSON.parse(data.toString()) as Record<string, unknown>)
      next = Number(data.readBigUInt64BE(1)) + data.length - 9
      onBytes(next)
    })
    socket.on('close', () => {
      if (!isOver) setTimeout(connectAgain, againMs)
    })
  }
  const connectAgain = () => {
    if (isOver) return
    connection = client.connect()
    listen()
  }
  listen()
  await connection.receives('ready')
  return {
    id,
    shown: () => next ?? 0,
    farewell: () => farewell,
    type(text) {
      connection.socket.send(typedFrame(typed, text))
      typed += Buffer.byteLength(text)
    },
    end: () => connection.send({ type: 'end' }),
    shows: (text) => waitUntil(`the shell shows ${text}`, () => connection.output().includes(text)),
    leave() {
      isOver = true
      connection.socket.terminate()
    },
  }
}

/** Creates what acknowledges output in time, and not each piece of it. */
function createAcknowledgements(send: (upTo: number) => void): (upTo: number) => void {
  let [newest, told] = [0, 0]
  let timer: NodeJS.Timeout | undefined
  const tell = () => {
    clearTimeout(timer)
    timer = undefined
    told = newest
    send(newest)
  }
  return (upTo) => {
    newest = upTo
    if (newest - told >= acknowledgedBytes) tell()
    else timer ??= setTimeout(tell, acknowledgedMs)
  }
}

/** Resolves with what the terminal said when a shell ended. */
export function farewellOf(shell: ShellClient): Promise<string> {
  return waitFor(`the session ${shell.id} has ended`, shell.farewell)
}
