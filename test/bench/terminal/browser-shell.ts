import { WebSocket } from 'ws'
import { partsOfLink, terminalClient, typedFrame } from '#test/environment/terminal-client'
import { createOutput, type Shell } from './shell.ts'

export type BrowserShell = Shell & {
  /** Id of its session. */
  id: string
  /** Bytes and lines of output that came. */
  bytes: () => number
  lines: () => number
  /** Asks for the session's end; resolves once its connection is closed. */
  end: () => Promise<void>
  /** Resolves once the connection is closed, by either side. */
  closed: Promise<void>
}

/** `acknowledges`: false for a page whose terminal takes nothing more. */
export type BrowserOptions = { acknowledges?: boolean }

/** Bytes before the data of a binary message: its kind, and the number of the first byte. */
const headBytes = 9

/** Loads the page of a link, as a browser has it before the link's button is pressed. */
export async function loadPage(link: string): Promise<void> {
  const response = await fetch(addressOf(link))
  if (!response.ok) throw new Error(`the page of a shell answered with ${response.status}`)
  await response.text()
}

/** Uses a link as its page does when the button is pressed: claims it with a new key, connects and proves that key. Resolves once it is claimed. */
export async function openShell(link: string, { acknowledges = true }: BrowserOptions = {}): Promise<BrowserShell> {
  const { id, token } = partsOfLink(link)
  const base = addressOf(link).origin
  const { origin } = new URL(link)
  const { claim, prove } = terminalClient({ origin, base })
  const [, claimed] = await claim({ id, token })
  if (claimed !== 'claimed') throw new Error(`the link was refused: ${claimed}`)
  // Not the client's connection, which keeps the newest output of each: that takes longer than what is measured.
  const socket = new WebSocket(`${base.replace('http', 'ws')}/t/connect`, { origin })
  return { ...connect(socket, id, (nonce) => prove(id, nonce), acknowledges), id }
}

/** `localhost` is looked up by each browser in its own way. */
function addressOf(link: string): URL {
  return new URL(link.replace('//localhost', '//127.0.0.1'))
}

/** Speaks the page's side of the protocol (src/terminal/wire.ts). */
function connect(socket: WebSocket, id: string, prove: (nonce: string) => string, acknowledges: boolean) {
  const output = createOutput()
  const size = { cols: 80, rows: 24 }
  let [typed, bytes, lines, isReady] = [0, 0, 0, false]
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  const send = (message: object) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
  }
  const onMessage = (message: { type: string; nonce?: string; upTo?: number; message?: string }) => {
    if (message.type === 'nonce') send({ type: 'hello', id, proof: prove(message.nonce ?? ''), size })
    if (message.type === 'bye') output.add(`\n[${message.message}]\n`)
    if (message.type !== 'input' || isReady) return
    isReady = true
    typed = message.upTo ?? 0
    send({ type: 'size', size })
  }
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (!isBinary) return onMessage(JSON.parse(data.toString('utf8')) as Parameters<typeof onMessage>[0])
    const text = data.toString('latin1', headBytes)
    bytes += text.length
    lines += text.split('\n').length - 1
    output.add(text)
    if (acknowledges) send({ type: 'ack', upTo: Number(data.readBigUInt64BE(1)) + text.length })
  })
  socket.on('error', (error) => output.add(`\n[${error.message}]\n`))
  socket.on('close', () => resolve())
  return {
    type(text: string) {
      socket.send(typedFrame(typed, text))
      typed += text.length
    },
    shows: output.shows,
    bytes: () => bytes,
    lines: () => lines,
    closed,
    end() {
      send({ type: 'end' })
      return closed
    },
    close: () => socket.terminate(),
  }
}
