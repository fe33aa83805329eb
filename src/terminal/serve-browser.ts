import { verified } from '#core/ports/store'
import { type SessionPlace, TerminalConnectionError } from '#core/ports/terminal'
import { targetText } from '#core/request/target'
import type { Run } from '#core/runs/run'
import { findTimeUp } from '#core/terminal/terminal-session'
import { defined } from '#core/util/defined'
import { errorMessage } from '#core/util/error-message'
import { onAbort } from '#core/util/on-abort'
import { endTerminal, type TerminalEnd } from '#src/lifecycle/end-terminal'
import { releasedUpTo } from './acknowledge-output.ts'
import type { BrowserSocket } from './browser-socket.ts'
import type { TerminalContext } from './context.ts'
import { ChangedSpecError, ensureShell } from './ensure-shell.ts'
import { findLostRight } from './find-lost-right.ts'
import { isProven, newNonce } from './proof.ts'
import { openRecorder } from './recorder.ts'
import { RecordingError } from './recording-writer.ts'
import { type Relay, startRelay } from './relay-browser-and-shell.ts'
import { removeSession } from './remove-session.ts'
import type { Inward } from './wire.ts'

type Hello = Extract<Inward, { type: 'hello' }>

/** Periods of the lease for which a connection counts as there, if its process dies. */
const leasePeriods = 3

const unproven =
  'This browser can’t prove that it opened the link of this session. Press “Open” under the session in the chat for a link of your own.'

/**
 * Serves a browser's connection from the first message to its end: the proof by its key, the rights of its person, the shell, and the relay.
 */
export async function serveBrowser(context: TerminalContext, socket: BrowserSocket): Promise<void> {
  const nonce = newNonce()
  const hello = await receiveHello(context, socket, nonce)
  if (hello === undefined) return
  const run = verified(await tellIfSlow(context, socket, context.store.run(hello.id)))
  const { origin } = context.url
  const key = run?.terminal?.browser?.key
  if (run === undefined || key === undefined || !isProven(key, { origin, id: hello.id, nonce }, hello.proof)) {
    context.metrics.refused('proof')
    return socket.bye('proof', unproven, true)
  }
  const farewell = endedText(run)
  if (farewell !== undefined) return socket.bye('ended', farewell, true)
  const lost = await findLostRight(context, run)
  if (lost === 'unknown') {
    context.metrics.refused('rights')
    return socket.bye('rights', 'Your rights can’t be checked just now; trying again.', false)
  }
  const over = lost ?? findTimeUp(run.terminal ?? neverOver, context.now().toISOString())
  if (over !== undefined) {
    context.metrics.refused('rights')
    await endTerminal(context, run, over)
    return socket.bye('ended', endText(over.message), true)
  }
  await attach(context, socket, run, hello)
}

/** Says to the browser what it waits for where the store doesn't answer soon. */
async function tellIfSlow<T>(
  { timing }: Pick<TerminalContext, 'timing'>,
  socket: BrowserSocket,
  work: Promise<T>,
): Promise<T> {
  const message = 'The bot’s store (Redis) does not answer; waiting for it. Your shell goes on.'
  const timer = setTimeout(() => socket.send({ type: 'notice', message }), timing.terminalNoticeMs)
  return work.finally(() => clearTimeout(timer))
}

const neverOver = {
  until: '9999-12-31T00:00:00Z',
  idle: 1e9,
  activeAt: '9999-12-31T00:00:00Z',
  spent: [],
  connection: 0,
}

/** Sends the nonce, and resolves with the browser's first message, which has to sign it. */
function receiveHello(context: TerminalContext, socket: BrowserSocket, nonce: string): Promise<Hello | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      socket.bye('proof', 'The page did not answer in time.', false)
      resolve(undefined)
    }, context.timing.terminalHelloMs)
    onAbort(socket.closed, () => {
      clearTimeout(timer)
      resolve(undefined)
    })
    socket.onMessage((message) => {
      clearTimeout(timer)
      if (message?.type === 'hello') return resolve(message)
      context.metrics.refused('protocol')
      socket.bye('proof', unproven, true)
      resolve(undefined)
    })
    socket.send({ type: 'nonce', nonce, aliveMs: context.timing.terminalPingMs })
  })
}

/** Returns the message to a browser about a session that isn't open any more. */
function endedText({ end, state }: Run): string | undefined {
  if (state === 'running') return undefined
  return endText(end?.message ?? 'its shell ended')
}

/** Says why a session ended, and how to get another one. */
function endText(why: string): string {
  return `This session has ended: ${why.replace(/\.$/, '')}. Open another one with: shell TARGET`
}

async function attach(context: TerminalContext, socket: BrowserSocket, found: Run, hello: Hello): Promise<void> {
  const isFirst = found.terminal?.place === undefined
  const run = await takeConnection(context, found, socket.closed)
  if (run?.terminal === undefined) return socket.bye('lost', 'The session changed just now; trying again.', false)
  // Messages that come before the shell is attached are those of a page that doesn't keep to the protocol.
  socket.onMessage(() => undefined)
  if (isFirst) socket.send({ type: 'starting' })
  try {
    const open = () => ensureShell(context, run, hello.size, socket.closed)
    const place = isFirst ? await context.span(run.id, 'open-shell', open) : await open()
    await relayUntilEnd(context, { socket, run, hello, place, isFirst })
  } catch (error) {
    await explainBreak(context, socket, run, error)
  }
}

/**
 * Makes this the session's only connection: those before it are closed. One whose browser left in the meantime takes nothing: the same page may be
 * connected again by now.
 */
async function takeConnection(
  context: TerminalContext,
  { id, terminal }: Run,
  closed: AbortSignal,
): Promise<Run | undefined> {
  const now = context.now()
  const attachedUntil = new Date(now.getTime() + leasePeriods * context.timing.terminalLeaseMs).toISOString()
  const run = await context.store.changeRun(id, (saved) =>
    closed.aborted ||
    saved.state !== 'running' ||
    saved.terminal === undefined ||
    saved.terminal.browser?.at !== terminal?.browser?.at
      ? undefined
      : {
          ...saved,
          terminal: {
            ...saved.terminal,
            connection: saved.terminal.connection + 1,
            activeAt: now.toISOString(),
            attachedUntil,
          },
        },
  )
  await context.terminalBus.changed(id)
  const saved = verified(run)
  return saved?.terminal?.attachedUntil === attachedUntil ? saved : undefined
}

type Attached = { socket: BrowserSocket; run: Run; hello: Hello; place: SessionPlace; isFirst: boolean }

async function relayUntilEnd(
  context: TerminalContext,
  { socket, run, hello, place, isFirst }: Attached,
): Promise<void> {
  const { id, request, set, terminal } = run
  // Its browser left while the container was made: the shell waits for the next connection.
  if (socket.closed.aborted) return
  const released = await releasedUpTo(context, id)
  const recorder = await openRecorder(context, run, released)
  recorder.size(hello.size)
  // Never beyond what is recorded, whatever the browser says that it has.
  const from = Math.max(Math.min(hello.from ?? released, recorder.upTo()), released)
  const shell = await context.span(id, isFirst ? 'attach-shell' : 'resume-shell', () =>
    context.shells.attach(place, { id, keyHex: context.sessionKey(id), by: request.by, from }),
  )
  context.metrics.attached(isFirst ? 'first' : 'resumed')
  const onEnd = () => {
    const ending = endTerminal(context, run, { reason: 'canceled', message: `${request.by.name} ended it` })
    ending.catch((error: unknown) =>
      context.log.error({ run: id, error: String(error) }, 'a session could not be ended'),
    )
  }
  const gap = hello.from !== undefined && hello.from < released
  const { until = '', idle = 0 } = terminal ?? {}
  socket.send({
    type: 'ready',
    from,
    gap,
    until,
    idle,
    target: targetText(request.target),
    set,
    person: request.by.name,
  })
  const relay = startRelay(context, { run, shell, socket, recorder, released: from, onEnd })
  shell.resize(hello.size)
  await context.audit('session-connected', id, request.by.id, { from: String(from) })
  const stopWatching = watchSession(context, socket, run, relay)
  try {
    const ended = await relay.ended
    if (ended === undefined) return
    // From here on its record says that it ended, and this says how.
    stopWatching()
    const { exitCode, signal, total, sha256, why } = ended
    socket.send({
      type: 'ended',
      total,
      sha256,
      ...defined({ exitCode, signal }),
    })
    const end = { ...endOf(exitCode, why), output: { bytes: total, lines: 0, redacted: 0, sha256 } }
    await endTerminal(context, run, end)
    socket.bye('ended', `The shell ended${exitCode === undefined ? '' : ` with exit code ${exitCode}`}.`, true)
    await removeSession(context, run)
  } finally {
    stopWatching()
  }
}

function endOf(exitCode: number | undefined, why: string): TerminalEnd {
  if (why === 'exited') return { reason: exitCode === 0 ? 'completed' : 'failed', ...defined({ exitCode }) }
  if (why === 'max-time') return { reason: 'deadline', message: 'its time was up' }
  if (why === 'detached') return { reason: 'expired', message: 'no browser was connected for two minutes' }
  return { reason: 'canceled', message: 'its container was asked to end' }
}

/**
 * Renews the connection's lease, and reads the session's record at each hint and period: it closes the connection when the session ended, moved to
 * another browser, or has a newer connection. Returns the function that stops it.
 */
function watchSession(context: TerminalContext, socket: BrowserSocket, run: Run, relay: Relay): () => void {
  const { id } = run
  const connection = run.terminal?.connection
  const browserAt = run.terminal?.browser?.at
  const look = async () => {
    const now = verified(await context.store.run(id))
    if (now === undefined) return socket.bye('lost', 'The session’s record is gone.', true)
    const farewell = endedText(now)
    if (farewell !== undefined) return socket.bye('ended', farewell, true)
    if (now.terminal?.browser?.at !== browserAt)
      return socket.bye('moved', 'This session was opened in another browser, and goes on there.', true)
    if (now.terminal?.connection !== connection)
      return socket.bye('replaced', 'This session is open in another tab or window of this browser.', true)
  }
  let renewedAt = performance.now()
  const renew = async () => {
    // Until now nobody could see that a right was lost, or that the session was ended.
    if (performance.now() - renewedAt > leasePeriods * context.timing.terminalLeaseMs)
      return socket.bye('lost', 'The bot’s store (Redis) can’t be reached; trying again. Your shell goes on.', false)
    const at = context.now().getTime()
    const attachedUntil = new Date(at + leasePeriods * context.timing.terminalLeaseMs).toISOString()
    await context.store.changeRun(id, (saved) =>
      saved.terminal?.connection !== connection || saved.state !== 'running' || saved.terminal === undefined
        ? undefined
        : {
            ...saved,
            terminal: { ...saved.terminal, attachedUntil, activeAt: new Date(relay.activeAt()).toISOString() },
          },
    )
    renewedAt = performance.now()
    await look()
  }
  const logged = (work: () => Promise<unknown>) => () =>
    void work().catch((error: unknown) =>
      context.log.warn({ run: id, error: String(error) }, 'a session could not be read'),
    )
  const unsubscribe = context.terminalBus.onChange(id, logged(look))
  const timer = setInterval(logged(renew), context.timing.terminalLeaseMs)
  // What changed before it was subscribed.
  logged(look)()
  return () => {
    clearInterval(timer)
    unsubscribe()
  }
}

const brokenText = 'The connection to the shell broke; trying again.'

/** Says that a connection is made again, and why, where the cluster says something of the container or its node. */
function lostText(error: unknown): string {
  return error instanceof TerminalConnectionError && error.isExplained
    ? `The shell can’t be reached: ${error.message}. Trying again.`
    : brokenText
}

/** Says why the connection to a shell broke, and ends the session where it can't be made again. */
async function explainBreak(context: TerminalContext, socket: BrowserSocket, run: Run, error: unknown): Promise<void> {
  const message = errorMessage(error)
  if (error instanceof RecordingError) return explainUnrecorded(context, socket, run, error)
  context.log.warn({ run: run.id, error: message }, 'the connection to a shell broke')
  const kind = error instanceof TerminalConnectionError ? error.kind : undefined
  if (kind === 'replaced') return explainReplaced(context, socket, run)
  if (kind === 'lost' || kind === 'gap' || kind === 'released') return socket.bye('lost', lostText(error), false)
  if (socket.closed.aborted && kind === undefined) return
  const reason =
    kind === 'gone'
      ? ('target-gone' as const)
      : error instanceof ChangedSpecError
        ? ('refused' as const)
        : ('cluster-error' as const)
  await endTerminal(context, run, { reason, message })
  socket.bye('ended', endText(message), true)
}

/**
 * Says that another connection has the shell. Where this one is still the session's newest, the other is an earlier one of the same page, which
 * was slower: this one connects again.
 */
async function explainReplaced(context: TerminalContext, socket: BrowserSocket, run: Run): Promise<void> {
  const now = verified(await context.store.run(run.id))
  if (now?.terminal?.connection === run.terminal?.connection) return socket.bye('lost', brokenText, false)
  socket.bye('replaced', 'This session is open in another tab or window.', true)
}

/** Ends a session that can't be recorded any more. Tells the browser first: the store may be unavailable. */
async function explainUnrecorded(
  context: TerminalContext,
  socket: BrowserSocket,
  run: Run,
  { kind, message }: RecordingError,
): Promise<void> {
  if (kind === 'taken') return explainReplaced(context, socket, run)
  context.metrics.refused('recording')
  socket.bye('ended', endText(message), true)
  const reason = kind === 'limit' || kind === 'full' ? ('output-limit' as const) : ('lost' as const)
  await endTerminal(context, run, { reason, message })
}
