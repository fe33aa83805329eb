import { randomBytes } from 'node:crypto'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { errorText, type Finding, failed, ok } from '#core/doctor/finding'

/** Time limit for the answer. */
const timeoutMs = 5_000

const check = 'WebSocket of terminal.url'
const mend =
  'route /t/ to the terminals (Service …-terminal of the chart), and let WebSockets through: Upgrade and Connection headers, time-outs above 60 s'

/** What an answer that isn't a WebSocket means, by its status. */
const meanings: Readonly<Record<number, string>> = {
  400: 'something before the terminals does not pass the Upgrade header on',
  403: 'it reaches a terminal that has another terminal.url',
  404: 'it does not lead to a terminal',
  426: 'something before the terminals does not pass the Upgrade header on',
  502: 'nothing is behind it',
  503: 'nothing is behind it, or its connections are at their limit (limits.terminalConnections)',
}

/** Checks that the way to the terminals takes WebSockets, as a page of this address opens them. `address`: `terminal.url`. */
export async function diagnoseWebSocket(address: string): Promise<Finding> {
  const url = new URL('/t/connect', address)
  try {
    const { isOpen, status } = await connect(url)
    if (isOpen) return ok(check, `${url.href.replace(/^http/, 'ws')} opens`)
    const why = meanings[status] ?? 'something before the terminals answers in their place'
    return failed(check, `${url.href} answers with ${status} in place of a WebSocket: ${why}`, mend)
  } catch (error) {
    return failed(check, `${url.href} opens no WebSocket: ${errorText(error)}`, mend)
  }
}

/** Resolves with whether the server changes to WebSocket, else with the status of its answer. */
function connect(url: URL): Promise<{ isOpen: boolean; status: number }> {
  const headers = {
    ...{ connection: 'Upgrade', upgrade: 'websocket', origin: url.origin },
    ...{ 'sec-websocket-version': '13', 'sec-websocket-key': randomBytes(16).toString('base64') },
  }
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, { headers, timeout: timeoutMs })
    const end = (isOpen: boolean, { statusCode = 0 }: IncomingMessage) => {
      resolve({ isOpen, status: statusCode })
      request.destroy()
    }
    request.on('upgrade', (response) => end(true, response))
    request.on('response', (response) => end(false, response))
    request.on('timeout', () => request.destroy(new Error(`no answer in ${timeoutMs / 1_000} s`)))
    request.on('error', reject)
    request.end()
  })
}
