import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { type BrowserSocket, browserSocket } from './browser-socket.ts'
import type { TerminalContext } from './context.ts'
import { serveBrowser } from './serve-browser.ts'
import { maxInwardBytes } from './wire.ts'

export type TerminalServer = {
  /** Takes over the connection of a request that wants to become a WebSocket. */
  upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  /** Asks all browsers to connect to another process, and waits until their connections are closed. */
  close: () => Promise<void>
}

/** Creates what serves browsers' WebSockets: none of another site, none beyond the limit, no large messages, no compression. */
export function terminalServer(context: TerminalContext): TerminalServer {
  const server = new WebSocketServer({ noServer: true, maxPayload: maxInwardBytes, perMessageDeflate: false })
  const open = new Map<BrowserSocket, Promise<void>>()
  let isClosing = false
  const count = () => context.metrics.connections(open.size)
  const refuse = (socket: Duplex, status: string, text: string, reason: 'origin' | 'limit') => {
    context.metrics.refused(reason)
    socket.end(
      `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    )
  }
  return {
    upgrade(request, socket, head) {
      socket.on('error', () => undefined)
      if (request.headers.origin !== context.url.origin)
        return refuse(socket, '403 Forbidden', 'only its own page may connect\n', 'origin')
      if (isClosing || open.size >= context.maxConnections)
        return refuse(socket, '503 Service Unavailable', 'too many sessions are open here\n', 'limit')
      server.handleUpgrade(request, socket, head, (webSocket) => {
        const browser = browserSocket(webSocket, context.timing)
        const served = serveBrowser(context, browser)
          .catch((error: unknown) => {
            context.log.error({ error: String(error) }, 'a session connection failed')
            browser.bye('lost', 'Something went wrong on our side; trying again.', false)
          })
          .finally(() => {
            open.delete(browser)
            count()
          })
        open.set(browser, served)
        count()
      })
    },
    async close() {
      isClosing = true
      for (const browser of open.keys())
        browser.bye('restart', 'This part of the bot restarts; connecting again.', false)
      await Promise.all(open.values())
      server.close()
    },
  }
}
