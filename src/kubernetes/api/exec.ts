import type { Socket } from 'node:net'
import { PassThrough, type Readable } from 'node:stream'
import type { KubeConfig } from '@kubernetes/client-node'
import WebSocket from 'ws'

/** A container that a program is run in. */
export type ExecPlace = { namespace: string; pod: string; container: string }

/** A program that runs in a container. */
export type Exec = {
  /** Ends when the connection does. Reading slowly holds the connection back. */
  stdout: Readable
  /** Resolves when the connection has ended; never rejects. */
  ended: Promise<ExecEnd>
  /** To its standard input, where it was opened with one. */
  write: (text: string) => void
  /** Whether its connection keeps this process alive; it does until said otherwise. */
  hold: (holds: boolean) => void
  close: () => void
}

/** `stdin`: it has a standard input. */
export type ExecOptions = { stdin?: boolean }

export type ExecEnd = {
  stderr: string
  /** What the API server said of the program's end, where it did: that isn't always delivered. */
  status?: { exitCode?: number; message: string }
  /** Why the connection broke, where it did. */
  broken?: string
}

/** The API server, or the kubelet behind it, didn't let the program begin. */
export class ExecRefused extends Error {
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/** Milliseconds until the connection has to stand. */
const handshakeTimeout = 10_000

/** Characters of standard error that are kept. */
const mostSaid = 4_000

/** Milliseconds without traffic after which a connection is probed: balancers in between forget quiet ones, and dead ones are noticed. */
const keepAlive = 30_000

/** Source: Kubernetes, "Remote command execution" over WebSockets; the first byte of a message is its channel. */
const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io']
const channels = { stdin: 0, stdout: 1, stderr: 2, status: 3 }

/**
 * Begins a program in a running container. Rejects with `ExecRefused` where the API server says no before anything was begun, and
 * with other errors where that isn't known. (The library's own closes this process' standard output at a server's word.)
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
  for (const word of argv) query.append('command', word)
  const path = `/api/v1/namespaces/${place.namespace}/pods/${place.pod}/exec?${query}`
  const options: WebSocket.ClientOptions = { handshakeTimeout }
  await config.applyToHTTPSOptions(options)
  const socket = new WebSocket(`${server.replace(/^http/, 'ws')}${path}`, protocols, options)
  const exec = read(socket)
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
    socket.once('unexpected-response', (_request, response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        if (text.length < mostSaid) text += part
      })
      response.once('close', () => {
        reject(new ExecRefused(response.statusCode ?? 0, messageOf(text)))
        socket.terminate()
      })
    })
  })
  return exec
}

function read(socket: WebSocket): Exec {
  const stdout = new PassThrough()
  const end: ExecEnd = { stderr: '' }
  let connection: Socket | undefined
  socket.once('upgrade', (response) => {
    connection = response.socket.setKeepAlive(true, keepAlive)
  })
  stdout.on('drain', () => socket.resume())
  socket.on('message', (data: Buffer) => {
    const [channel] = data
    const body = data.subarray(1)
    if (channel === channels.stdout && body.length > 0 && !stdout.write(body)) socket.pause()
    if (channel === channels.stderr && end.stderr.length < mostSaid) end.stderr += body.toString('utf8')
    if (channel !== channels.status || body.length === 0) return
    end.status = statusOf(body.toString('utf8'))
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
    write: (text) => socket.send(Buffer.concat([Buffer.of(channels.stdin), Buffer.from(text)]), () => undefined),
    hold: (holds) => void (holds ? connection?.ref() : connection?.unref()),
    close: () => socket.terminate(),
  }
}

type Status = { status?: string; message?: string; details?: { causes?: { reason?: string; message?: string }[] } }

function statusOf(text: string): NonNullable<ExecEnd['status']> {
  const { status, message = '', details } = JSON.parse(text) as Status
  if (status === 'Success') return { exitCode: 0, message }
  const code = details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message
  return { ...(code === undefined ? {} : { exitCode: Number(code) }), message }
}

function messageOf(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text
  } catch {
    return text
  }
}
