import { randomBytes, randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { join } from 'node:path'
import type { V1Pod } from '@kubernetes/client-node'
import { type WebSocket, WebSocketServer } from 'ws'
import { run } from '#dev/machine/run'
import {
  createFrameSplitter,
  deriveDirections,
  type FrameDirection,
  frameKinds,
  nonceBytes,
  numbered,
  protocolVersion,
  readNumber,
} from '#src/kubernetes/terminal/session-frames'
import { listenOnLoopback } from '#test/fakes/listen'

/** Bytes of output that are sent before they are acknowledged, as by the runner. */
const windowBytes = 256 * 1_024
const linesPerSecond = 200
const macBytes = 16

/** State of a session of the stand-in. `printing`: the time since which it prints lines. */
type Session = {
  id: string
  key: Buffer
  typed: number
  total: number
  acknowledged: number
  printing?: number
  lines: number
}

/**
 * Starts a stand-in for an API server on loopback, over TLS, that knows nothing but pods, which run at once, and execs of the runner's `--session` and
 * `--attach` in them, in the form of shell-image/runner/session_frames.go. Its shells show a prompt and echo what is typed; after a line they print 200 numbered lines a second,
 * and wait where these aren't acknowledged. Resolves with a kubeconfig in `folder`.
 */
export async function startExecServer(folder: string): Promise<{ kubeconfig: string; close: () => void }> {
  const [key, cert] = [join(folder, 'server.key'), join(folder, 'server.crt')]
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key]
  const names = ['-subj', '/CN=stand-in', '-addext', 'subjectAltName=IP:127.0.0.1']
  await run('openssl', ['req', '-x509', ...newKey, ...names, '-days', '2', '-out', cert])
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, answerPods())
  const sockets = new WebSocketServer({ noServer: true })
  const sessions = new Map<string, Session>()
  const printers = new Set<() => void>()
  server.on('upgrade', (request, socket, head) => {
    const [, verb = '', id = ''] = new URL(request.url ?? '', 'https://stand-in').searchParams.getAll('command')
    sockets.handleUpgrade(request, socket, head, (exec) => {
      exec.on('error', () => undefined)
      if (verb === '--session') begin(sessions, id, exec)
      else attach(sessions.get(id), exec, printers)
    })
  })
  const timer = setInterval(() => {
    for (const print of printers) print()
  }, 1_000 / linesPerSecond)
  const port = await listenOnLoopback(server)
  const kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, kubeconfigText(`https://127.0.0.1:${port}`, readFileSync(cert)))
  return {
    kubeconfig,
    close() {
      clearInterval(timer)
      for (const each of sockets.clients) each.terminate()
      server.close()
    },
  }
}

/** Creates, reads and deletes pods. */
function answerPods(): RequestListener {
  const pods = new Map<string, object>()
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    let text = ''
    for await (const part of request) text += String(part)
    const [, name = ''] = /\/pods\/([^/?]+)/.exec(request.url ?? '') ?? []
    if (request.method === 'POST') {
      const pod = JSON.parse(text) as V1Pod
      const containerStatuses = pod.spec?.containers.map((each) => ({ name: each.name, state: { running: {} } }))
      const status = { phase: 'Running', containerStatuses }
      const metadata = { ...pod.metadata, uid: randomUUID(), resourceVersion: '1' }
      pods.set(metadata.name ?? '', { ...pod, metadata, status })
      return end(response, 201, pods.get(metadata.name ?? '') ?? {})
    }
    const found = pods.get(name)
    if (request.method === 'DELETE') pods.delete(name)
    end(response, found === undefined ? 404 : 200, found ?? { kind: 'Status', code: 404, reason: 'NotFound' })
  }
  return (request, response) => void answer(request, response)
}

function end(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function kubeconfigText(server: string, certificate: Buffer): string {
  return JSON.stringify({
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'dev' },
    clusters: [{ name: 'dev', cluster: { server, 'certificate-authority-data': certificate.toString('base64') } }],
    users: [{ name: 'dev', user: { token: 'bench' } }],
    contexts: [{ name: 'dev', context: { cluster: 'dev', user: 'dev' } }],
  })
}

/** Writes to an exec's standard output, which is the channel 1 of its messages. */
const writeTo = (exec: WebSocket) => (bytes: Buffer) => exec.send(Buffer.concat([Buffer.of(1), bytes]))

function begin(sessions: Map<string, Session>, id: string, exec: WebSocket): void {
  exec.once('message', (data: Buffer) => {
    const key = Buffer.from(data.toString('utf8', 1).trim(), 'base64')
    if (!sessions.has(id)) sessions.set(id, { id, key, typed: 0, total: 0, acknowledged: 0, lines: 0 })
    writeTo(exec)(Buffer.from(`b ${id}\n`))
  })
}

function attach(session: Session | undefined, exec: WebSocket, printers: Set<() => void>): void {
  if (session === undefined) {
    exec.terminate()
    return
  }
  const write = writeTo(exec)
  const nonce = randomBytes(nonceBytes)
  const head = Buffer.alloc(5)
  head.writeUInt32BE(2 + nonceBytes)
  head.writeUInt8(frameKinds.hello, 4)
  write(Buffer.concat([head, Buffer.of(protocolVersion), nonce]))
  const splitter = createFrameSplitter()
  let output: FrameDirection | undefined
  const print = (text: string) => {
    const bytes = Buffer.from(text)
    if (output !== undefined) write(output.sign(frameKinds.output, numbered(session.total, bytes)))
    session.total += bytes.length
  }
  const tellTyped = () => write(output?.sign(frameKinds.input, numbered(session.typed)) ?? Buffer.alloc(0))
  const obey: Record<number, (content: Buffer) => void> = {
    [frameKinds.hello](content) {
      output = deriveDirections(session.key, session.id, Buffer.concat([nonce, content.subarray(0, nonceBytes)])).output
      tellTyped()
      print('$ ')
    },
    [frameKinds.alive]: () => write(output?.sign(frameKinds.alive) ?? Buffer.alloc(0)),
    [frameKinds.acknowledge](content) {
      session.acknowledged = readNumber(content) ?? 0
    },
    [frameKinds.input](content) {
      const text = content.toString('latin1', 8)
      session.typed += text.length
      tellTyped()
      print(text.replaceAll('\r', '\r\n'))
      if (text.includes('\r')) session.printing ??= performance.now()
    },
  }
  const printLines = () => {
    if (session.printing === undefined || session.total - session.acknowledged > windowBytes) return
    const due = Math.floor(((performance.now() - session.printing) * linesPerSecond) / 1_000) - session.lines
    if (due < 1) return
    const from = session.lines
    session.lines += due
    print(Array.from({ length: due }, (_each, at) => `tick ${from + at + 1}\r\n`).join(''))
  }
  printers.add(printLines)
  exec.on('close', () => printers.delete(printLines))
  exec.on('message', (data: Buffer) => {
    for (const { kind, rest } of splitter.push(data.subarray(1)) ?? []) obey[kind]?.(rest.subarray(0, -macBytes))
  })
}
