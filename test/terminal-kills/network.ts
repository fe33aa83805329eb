import { connect, createServer, type Socket } from 'node:net'
import { listenOnLoopback } from '#test/fakes/listen'

/**
 * How a network is cut. `reset`: connections are closed, and no new ones open; `paused`: nothing comes through, and what was sent comes later; `dead`:
 * nothing comes through, and open connections stay dead.
 */
export type CutKind = 'reset' | 'paused' | 'dead'
export const cutKinds: readonly CutKind[] = ['reset', 'paused', 'dead']

/** The network between a browser and the terminals: a TCP proxy. */
export type Network = {
  port: number
  /** Cuts it; resolves after `ms` milliseconds, when it is back. */
  cut: (kind: CutKind, ms: number) => Promise<void>
  close: () => Promise<void>
}

/** Opens a network to a port of the loopback address. */
export async function openNetwork(to: number): Promise<Network> {
  const pairs = new Set<readonly [Socket, Socket]>()
  let cutKind: CutKind | undefined
  const server = createServer((client) => {
    if (cutKind !== undefined) {
      client.destroy()
      return
    }
    const upstream = connect({ host: '127.0.0.1', port: to })
    const pair = [client, upstream] as const
    pairs.add(pair)
    for (const socket of pair) {
      socket.on('error', () => undefined)
      socket.on('close', () => {
        pairs.delete(pair)
        for (const each of pair) each.destroy()
      })
    }
    client.pipe(upstream)
    upstream.pipe(client)
  })
  const port = await listenOnLoopback(server)
  const pairsNow = (work: (socket: Socket) => void) => {
    for (const pair of [...pairs]) for (const socket of pair) work(socket)
  }
  const resume = () => {
    for (const [client, upstream] of pairs) {
      client.pipe(upstream)
      upstream.pipe(client)
    }
  }
  return {
    port,
    async cut(kind, ms) {
      cutKind = kind
      if (kind === 'reset') pairsNow((socket) => void socket.destroy())
      else
        pairsNow((socket) => {
          socket.unpipe()
          socket.pause()
        })
      await new Promise((resolve) => setTimeout(resolve, ms))
      if (kind === 'paused') resume()
      cutKind = undefined
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        pairsNow((socket) => void socket.destroy())
      }),
  }
}
