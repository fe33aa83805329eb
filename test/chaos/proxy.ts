import { connect, createServer, type Socket } from 'node:net'
import { listenOnLoopback } from '#test/fakes/listen'

/** A TCP proxy between the program and a server (the API server, Redis) that can cut its connections. */
export type CuttingProxy = {
  port: number
  /** Cuts all connections after this number of further bytes from the server, in the middle of a response; resolves then. */
  cutAfter: (bytes: number) => Promise<void>
  close: () => Promise<void>
}

/** Time after which the connections are cut even if fewer bytes came. */
const cutTimeoutMs = 1_500

export async function openProxy(to: { host: string; port: number }): Promise<CuttingProxy> {
  const open = new Set<Socket>()
  let left = Number.POSITIVE_INFINITY
  let cut: () => void = () => undefined
  const cutNow = () => {
    left = Number.POSITIVE_INFINITY
    for (const socket of open) socket.destroy()
    cut()
  }
  const server = createServer((client) => {
    const upstream = connect(to)
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('close', () => {
        open.delete(socket)
        client.destroy()
        upstream.destroy()
      })
      socket.on('error', () => undefined)
    }
    client.pipe(upstream)
    upstream.on('data', (bytes: Buffer) => {
      // Forwards the first part of the piece, so that a line is cut in its middle.
      const part = bytes.length > left ? bytes.subarray(0, left) : bytes
      if (!client.write(part)) upstream.pause()
      left -= bytes.length
      if (left <= 0) setImmediate(cutNow)
    })
    client.on('drain', () => upstream.resume())
    upstream.on('end', () => client.end())
  })
  const port = await listenOnLoopback(server)
  return {
    port,
    cutAfter(bytes) {
      return new Promise((resolve) => {
        const timer = setTimeout(cutNow, cutTimeoutMs)
        cut = () => {
          clearTimeout(timer)
          cut = () => undefined
          resolve()
        }
        left = Math.max(1, bytes)
      })
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of open) socket.destroy()
      }),
  }
}
