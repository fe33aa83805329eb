import type { IncomingMessage } from 'node:http'

/** Body of a request: its bytes, or why there are none. `gone`: the client closed the connection before the body's end. */
export type RequestBody = { bytes: Buffer } | { problem: 'too-long' | 'gone' }

/** Reads a request's body, at most `maxBytes` of it. Nothing decompresses a body, so its bytes are all that it takes. Never rejects. */
export function readRequestBody(request: IncomingMessage, maxBytes: number): Promise<RequestBody> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.resolve({ problem: 'too-long' })
  return new Promise((resolve) => {
    const parts: Buffer[] = []
    let byteCount = 0
    request.on('data', (part: Buffer) => {
      byteCount += part.length
      if (byteCount <= maxBytes) parts.push(part)
      else resolve({ problem: 'too-long' })
    })
    request.once('end', () => resolve({ bytes: Buffer.concat(parts) }))
    request.once('error', () => resolve({ problem: 'gone' }))
    request.once('close', () => resolve({ problem: 'gone' }))
  })
}

/** Parses a body as JSON; undefined where it is none, or no UTF-8. */
export function parseJsonBody(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}
