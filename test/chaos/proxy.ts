import { connect, createServer, type Socket } from 'node:net'
import { listenOnLoopback } from '#test/fakes/listen'

/** Stands between the program and a server (the API server, Redis), and cuts what goes through. */
export type CuttingProxy = {
  port: number
  /** Cuts all connections once so many more bytes have come from the server: in the middle of whatever is read then. */
  cutAfter: (bytes: number) => Promise<void>
  close: () => Promise<void>
}

/** Milliseconds after which it cuts even if fewer bytes come. */
const patience = 1_500

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
      // The first part still arrives: a line is cut in its middle.
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
        const late = setTimeout(cutNow, patience)
        cut = () => {
          clearTimeout(late)
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
