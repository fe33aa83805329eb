import { WebSocket } from 'ws'
import { waitUntil } from '#test/flow/wait-for'
import { sampleBrowserKey } from '#test/samples/browser-key'

/** Characters of a connection's output that are kept: the newest. */
const keptOutput = 200_000

/** Returns the id and the token of a session's link. */
export function partsOfLink(link: string): { id: string; token: string } {
  const [, id = '', token = ''] = /\/t\/(\w+)#(.+)$/.exec(link) ?? []
  return { id, token }
}

/** Encodes a message with typed bytes; `from` is the number of the first one. */
export function typedFrame(from: number, text: string): Buffer {
  const head = Buffer.alloc(9)
  head.writeUInt8(1, 0)
  head.writeBigUInt64BE(BigInt(from), 1)
  return Buffer.concat([head, Buffer.from(text)])
}

/** A client without a browser, with a key of its own, that speaks the protocol of sessions. `base`: address of the terminal, whose pages are of `origin`. */
export function terminalClient({ origin, base }: { origin: string; base: string }) {
  const { key, prove } = sampleBrowserKey()
  return {
    async claim(body: object, headers: Record<string, string> = { origin }) {
      const answer = await fetch(`${base}/t/claim`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ key, ...body }),
      })
      return [answer.status, ((await answer.json()) as { refused?: string; claimed?: true }).refused ?? 'claimed']
    },
    prove: (id: string, nonce: string, site = origin) => prove({ origin: site, id, nonce }),
    connect: (from: string | null = origin) => openConnection(base, from),
  }
}

/** Connects; has the status of a refused upgrade, else the connection's messages. */
function openConnection(base: string, origin: string | null) {
  const socket = new WebSocket(`${base.replace('http', 'ws')}/t/connect`, origin === null ? {} : { origin })
  const messages: Record<string, unknown>[] = []
  let output = ''
  let status = 0
  let closed = 0
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) output = (output + data.subarray(9).toString()).slice(-keptOutput)
    else messages.push(JSON.parse(data.toString()) as Record<string, unknown>)
  })
  socket.on('unexpected-response', (_request, response) => {
    status = response.statusCode ?? 0
  })
  socket.on('error', () => undefined)
  socket.on('close', (code) => {
    closed = code
  })
  const find = (type: string) => messages.find((each) => each['type'] === type)
  return {
    socket,
    status: () => status,
    closed: () => closed,
    output: () => output,
    async receives(type: string) {
      await waitUntil(`a message of the type ${type}`, () => find(type) !== undefined)
      return find(type) ?? {}
    },
    send: (message: object) => socket.send(JSON.stringify(message)),
  }
}
