import { createSocket, type Socket } from 'node:dgram'
import ipaddr from 'ipaddr.js'

const types = { ipv4: 1, ipv6: 28 }

/**
 * Returns the name and type that a DNS query asks about, the name in lower case with each byte as one character; undefined
 * for a packet that is no query. Source: RFC 1035, 4.1.
 */
function readQuestion(query: Buffer): { name: string; type: number; end: number } | undefined {
  const labels: string[] = []
  let at = 12
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  if (at + 5 > query.length) return undefined
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 }
}

/** Returns the answer to a DNS query: the addresses of the asked type, or NXDOMAIN where the name is unknown. */
function toAnswer(query: Buffer, toAddresses: (name: string) => readonly string[]): Buffer | undefined {
  const question = readQuestion(query)
  if (question === undefined) return undefined
  const { name, type, end } = question
  const all = toAddresses(name).map((text) => ipaddr.parse(text))
  const asked = all.filter((address) => types[address.kind()] === type)
  const header = Buffer.from(query.subarray(0, 12))
  header.writeUInt16BE(all.length === 0 ? 0x8583 : 0x8580, 2)
  for (const [field, count] of [1, asked.length, 0, 0].entries()) header.writeUInt16BE(count, 4 + 2 * field)
  const records = asked.map((address) => {
    const data = Buffer.from(address.toByteArray())
    // A pointer to the question's name, type, class IN, 60 s, length.
    const head = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length])
    return Buffer.concat([head, data])
  })
  return Buffer.concat([header, query.subarray(12, end), ...records])
}

/** Serves DNS at an address; `onQuery` is called for each query. */
export async function serveDns(
  address: string,
  toAddresses: (name: string) => readonly string[],
  onQuery: () => void,
): Promise<Socket> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  socket.on('message', (query, from) => {
    onQuery()
    const answer = toAnswer(query, toAddresses)
    if (answer !== undefined) socket.send(answer, from.port, from.address)
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(53, address, () => resolve())
  })
  return socket
}
