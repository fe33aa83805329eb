import type { IncomingMessage } from 'node:http'

/** Refusal of a request: the status and a sentence. */
export type HttpRefusal = { status: number; text: string }

/** Maximum number of header lines. Node.js bounds their total size. */
const maxHeaders = 100

const hostForm = /^(?:[a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::(\d{1,5}))?$/i

/** Returns why a request is refused, whatever it asks for; undefined for an ordinary one. */
export function findRequestProblem(request: IncomingMessage): HttpRefusal | undefined {
  const problem = findHeadProblem(request)
  if (problem !== undefined) return problem
  return /\bwebsocket\b/i.test(request.headers.upgrade ?? '') ? { status: 400, text: 'no web sockets here' } : undefined
}

/** Returns why the head of a request is refused that may ask for another protocol. */
export function findHeadProblem(request: IncomingMessage): HttpRefusal | undefined {
  const { rawHeaders, headers, httpVersion } = request
  if (rawHeaders.length / 2 > maxHeaders) return { status: 431, text: 'too many headers' }
  const hosts = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length
  // RFC 9112, 3.2: exactly one, and a valid one. Proxies in front may have used another one of several.
  if (hosts > 1 || (hosts === 0 && httpVersion !== '1.0')) return { status: 400, text: 'one Host header' }
  if (hosts === 1 && !isHost(headers.host ?? '')) return { status: 400, text: 'no valid Host header' }
  return undefined
}

function isHost(text: string): boolean {
  const found = hostForm.exec(text)
  return found !== null && Number(found[1] ?? 0) <= 65_535
}
