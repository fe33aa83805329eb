import type { Socket } from 'node:net'
import { PassThrough, type Readable } from 'node:stream'
import type { KubeConfig } from '@kubernetes/client-node'
import WebSocket from 'ws'
import { parseJson, toRecord } from '#core/util/json'

/** Container in which a program is run. */
export type ExecPlace = { namespace: string; pod: string; container: string }

/** Program that runs in a container. */
export type Exec = {
  /** Ends when the connection does. Reading slowly slows the program down. */
  stdout: Readable
  /** Resolves when the connection has ended; never rejects. */
  ended: Promise<ExecEnd>
  /** Writes to its standard input; only for an exec with `stdin`. */
  write: (data: string | Uint8Array) => void
  /** Sets whether its connection prevents this process from exiting; initially it does. */
  hold: (holds: boolean) => void
  close: () => void
}

/** `stdin`: the program gets a standard input. */
export type ExecOptions = { stdin?: boolean }

export type ExecEnd = {
  stderr: string
  /**
   * Status frame of the API server about the program's end; it isn't always delivered. No `exitCode`: the exec failed.
   */
  status?: { exitCode?: number; message: string }
  /** Error message of a connection that broke. */
  broken?: string
}

/**
 * Refusal by the API server, or the kubelet behind it, to begin the program. `code`: HTTP status, 0 if there is none.
 */
export class ExecRefused extends Error {
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/** Time limit in milliseconds for establishing the connection. */
const handshakeTimeoutMs = 10_000

/** Characters up to which standard error and a refusal are collected. */
const maxErrorChars = 4_000

/**
 * Milliseconds without traffic after which a connection is probed: load balancers drop idle connections, and dead ones
 * have to be detected.
 */
const keepAliveMs = 30_000

/**
 * Subprotocols; the first byte of a message is its channel. Source: Kubernetes, "Remote command execution" over
 * WebSockets.
 */
const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io']
const channels = { stdin: 0, stdout: 1, stderr: 2, status: 3 }

/**
 * Begins a program in a running container. Rejects with `ExecRefused` if the API server refuses before anything was
 * begun, and with other errors if that isn't known. (The library's own exec lets a server close this process's standard
 * output.)
 */
export async function openExec(
  config: KubeConfig,
  place: ExecPlace,
  argv: readonly string[],
  { stdin = false }: ExecOptions = {},
): Promise<Exec> {
  const server = config.getCurrentCluster()?.server ?? ''
  const query = new URLSearchParams({ container: place.container, stdout: 'true', stderr: 'true' })
  if (stdin) query.set('stdin', 'true')
  for (const argument of argv) query.append('command', argument)
  const path = `/api/v1/namespaces/${place.namespace}/pods/${place.pod}/exec?${query}`
  const options: WebSocket.ClientOptions = { handshakeTimeout: handshakeTimeoutMs }
  await config.applyToHTTPSOptions(options)
  const socket = new WebSocket(`${server.replace(/^http/, 'ws')}${path}`, protocols, options)
  const exec = receive(socket)
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
    socket.once('unexpected-response', (_request, response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        if (text.length < maxErrorChars) text += part
      })
      response.once('close', () => {
        reject(new ExecRefused(response.statusCode ?? 0, parseMessage(text)))
        socket.terminate()
      })
    })
  })
  return exec
}

function receive(socket: WebSocket): Exec {
  const stdout = new PassThrough()
  const end: ExecEnd = { stderr: '' }
  let connection: Socket | undefined
  socket.once('upgrade', (response) => {
    connection = response.socket.setKeepAlive(true, keepAliveMs)
  })
  stdout.on('drain', () => socket.resume())
  socket.on('message', (data: Buffer) => {
    const [channel] = data
    const body = data.subarray(1)
    if (channel === channels.stdout && body.length > 0 && !stdout.write(body)) socket.pause()
    if (channel === channels.stderr && end.stderr.length < maxErrorChars) end.stderr += body.toString('utf8')
    if (channel !== channels.status || body.length === 0) return
    end.status = parseStatus(body.toString('utf8'))
    socket.close()
  })
  const ended = new Promise<ExecEnd>((resolve) => {
    socket.on('error', (error) => {
      end.broken = error.message
    })
    socket.once('close', () => {
      stdout.end()
      resolve(end)
    })
  })
  return {
    stdout,
    ended,
    write: (data) => socket.send(Buffer.concat([Buffer.of(channels.stdin), Buffer.from(data)]), () => undefined),
    hold: (holds) => void (holds ? connection?.ref() : connection?.unref()),
    close: () => socket.terminate(),
  }
}

type Status = { status?: string; message?: string; details?: { causes?: { reason?: string; message?: string }[] } }

function parseStatus(text: string): NonNullable<ExecEnd['status']> {
  const { status, message = '', details } = JSON.parse(text) as Status
  if (status === 'Success') return { exitCode: 0, message }
  const code = details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message
  return { ...(code === undefined ? {} : { exitCode: Number(code) }), message }
}

function parseMessage(text: string): string {
  const { message } = toRecord(parseJson(text))
  return typeof message === 'string' ? message : text
}
