import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { expect, test } from '@jest/globals'
import { seededRandom } from '#test/chaos/random'
import { newSessionId, readShell, sessionStart, terminalContract } from '#test/contract/terminal'
import { waitFor, waitUntil } from '#test/flow/wait-for'
import { sessionShell } from '#test/samples/session-shell'
import { localTerminal } from './local-terminal.ts'
import { hasShell, isIdle, processesNamed, processesWith, sessionProcess } from './processes.ts'
import { useRunner } from './use-runner.ts'

const { folder, runner, spoolFile, stopAfterwards } = useRunner()
const place = { cluster: 'dev', namespace: 'here', pod: 'here', container: 'here' }
const open = (onAttach?: Parameters<typeof localTerminal>[2]) => localTerminal(folder, stopAfterwards, onAttach)

terminalContract('The runner', async () => ({
  terminal: open(),
  placeFor: async () => place,
  shell: sessionShell,
  hasEnded: async (id) => !hasShell(id),
  attachSeconds: 3,
}))

/** Starts a session and attaches to it. */
async function begin(argv: readonly string[], change: Parameters<typeof sessionStart>[1] = {}) {
  const terminal = open()
  const session = sessionStart(argv, change)
  await terminal.start(place, session)
  const { id, keyHex } = session
  const attach = (from: number) => terminal.attach(place, { id, keyHex, from })
  const shell = await attach(0)
  return { id, session, terminal, attach, shell, reader: readShell(shell) }
}

test('a session that loses its connection again and again loses no byte, and nothing is typed twice', async () => {
  const random = seededRandom(25)
  const connections: { kill: () => void }[] = []
  const terminal = open((child) => connections.push({ kill: () => child.kill('SIGKILL') }))
  // Prints 200 lines a second, and each typed line with its number.
  const script = `stty -echo; (i=0; while [ $i -lt 600 ]; do i=$((i+1)); echo "tick $i"; sleep 0.005; done) &
n=0; while read -r line; do n=$((n+1)); echo "typed $n $line"; [ "$line" = last ] && break; done; wait; exit 5`
  const session = sessionStart(['bash', '-c', script])
  await terminal.start(place, session)
  const lines = Array.from({ length: 60 }, (_each, at) => `key ${at + 1}`)
  const typed = Buffer.from([...lines, 'last', ''].join('\n'))
  const parts: Buffer[] = []
  let next = 0
  let sent = 0
  let end: unknown
  let attaches = 0
  while (end === undefined) {
    const shell = await terminal.attach(place, { id: session.id, keyHex: session.keyHex, from: next })
    attaches += 1
    const cut = setTimeout(() => connections.at(-1)?.kill(), random.between(20, 220))
    let typing: NodeJS.Timeout | undefined
    try {
      for await (const event of shell.events) {
        if (event.kind === 'input') {
          // What the shell wasn't given is typed again, and a part of what it was given too: that one is dropped.
          sent = event.upTo
          typing ??= setInterval(() => {
            const from = Math.max(0, sent - 7)
            sent = Math.min(typed.length, sent + 11)
            shell.input(from, typed.subarray(from, sent))
          }, 40)
        }
        if (event.kind === 'ended') end = event
        if (event.kind !== 'output') continue
        expect(event.from).toBe(next)
        parts.push(Buffer.from(event.bytes))
        next += event.bytes.length
        shell.acknowledge(next)
      }
    } catch (error) {
      expect(error).toMatchObject({ kind: 'lost' })
    } finally {
      clearTimeout(cut)
      clearInterval(typing)
    }
  }
  const output = Buffer.concat(parts)
  const sha256 = createHash('sha256').update(output).digest('hex')
  expect(end).toMatchObject({ exitCode: 5, why: 'exited', total: output.length, sha256 })
  const shown = output.toString('utf8').split('\r\n')
  expect(shown.filter((line) => line.startsWith('tick '))).toEqual(
    Array.from({ length: 600 }, (_each, at) => `tick ${at + 1}`),
  )
  expect(shown.filter((line) => line.startsWith('typed '))).toEqual(
    [...lines, 'last'].map((line, at) => `typed ${at + 1} ${line}`),
  )
  expect(attaches).toBeGreaterThan(5)
})

test('nothing that a shell began is left after its end, whatever it was begun by', async () => {
  const mark = newSessionId()
  const sleeping = (how: string) => `${how} bash -c 'exec -a ${mark} sleep 1000' &`
  const script = `${sleeping('setsid')} ${sleeping('nohup')} (trap '' HUP; ${sleeping('')}) ; (${sleeping('setsid -f')}) ; echo begun; read -r x; exit 4`
  const { reader } = await begin(['bash', '-c', script])
  await reader.shows(/begun/)
  await waitUntil('all of them run', () => processesNamed(mark).length === 4)
  await reader.type('x\r')
  expect(await reader.ended()).toMatchObject({ exitCode: 4 })
  expect(processesNamed(mark)).toEqual([])
})

test('a shell that doesn’t end when its terminal has gone is killed two seconds later', async () => {
  const { shell, reader, id } = await begin(['bash', '-c', `trap '' HUP TERM; echo begun; while :; do sleep 0.2; done`])
  await reader.shows(/begun/)
  shell.hangUp()
  expect(await reader.ended()).toMatchObject({ signal: 'SIGKILL', why: 'hang-up' })
  await waitUntil('the session has ended', () => sessionProcess(id) === undefined)
})

test('a session ends when its time is over, and when its container is asked to end', async () => {
  const late = await begin(sessionShell, { maxSeconds: 1 })
  expect(await late.reader.ended()).toMatchObject({ why: 'max-time', signal: 'SIGHUP' })
  const stopped = await begin(sessionShell)
  await stopped.reader.shows(/\$ $/)
  const [holder] = processesWith(stopped.id).filter((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--hold'),
  )
  process.kill(holder ?? 0, 'SIGTERM')
  expect(await stopped.reader.ended()).toMatchObject({ why: 'stopped' })
  await waitUntil('nothing of it is left', () => processesWith(stopped.id).length === 0)
})

test('what holds a container ends with its session', async () => {
  const { reader, id } = await begin(sessionShell)
  await reader.type('exit 0\r')
  await reader.ended()
  await waitUntil('nothing of it is left', () => processesWith(id).length === 0)
})

test('a shell that is not in the image ends with 127 and says so', async () => {
  const { reader } = await begin(['no-such-shell'])
  expect(await reader.ended()).toMatchObject({ exitCode: 127, why: 'exited' })
  expect(reader.text()).toContain("no-such-shell can't be started in this container")
})

test('a session waits for what holds its container, which begins just after its runtime says that the container runs', async () => {
  const id = newSessionId()
  stopAfterwards(id)
  const { child, output, ended } = runner(['--session', id, '--size', '80x24', '--', ...sessionShell])
  child.stdin.write(`${Buffer.alloc(32).toString('base64')}\n`)
  await waitUntil('it has looked', () => child.pid !== undefined && isIdle(child.pid))
  runner(['--hold', id, '--life', '60'])
  expect(await ended).toBe(0)
  expect(output.out).toBe(`b ${id}\n`)
})

test('a container that isn’t held for the session gets none', async () => {
  const id = newSessionId()
  const { child, output, ended } = runner(['--session', id, '--size', '80x24', '--', 'bash'])
  child.stdin.write(`${Buffer.alloc(32).toString('base64')}\n`)
  expect(await ended).toBe(6)
  expect(output.err).toContain('this container is not held for the session')
  expect(processesWith(id)).toEqual([])
})

test('`yes` is held back while nobody reads, and the runner stays small', async () => {
  const terminal = open()
  const session = sessionStart(['yes', 'held back'])
  await terminal.start(place, session)
  const { id, keyHex } = session
  const shell = await terminal.attach(place, { id, keyHex, from: 0 })
  const reader = readShell(shell, { acknowledges: false })
  await reader.until('a full window', () => reader.next() === 256 * 1_024)
  const pid = sessionProcess(id)
  const [tool = 0] = processesWith('held back').filter((each) =>
    readFileSync(`/proc/${each}/cmdline`, 'utf8').startsWith('yes'),
  )
  const written = () => /^wchar: (\d+)/m.exec(readFileSync(`/proc/${tool}/io`, 'utf8'))?.[1]
  // It is held as soon as two looks at what it has written are the same.
  await waitFor('the tool writes no more', async () => {
    const before = written()
    await new Promise((resolve) => setTimeout(resolve, 50))
    return written() === before ? true : undefined
  })
  const memory = Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  expect(memory).toBeLessThan(24_000)
  shell.hangUp()
  const acknowledging = setInterval(() => shell.acknowledge(reader.next()), 2)
  expect(await reader.ended()).toMatchObject({ why: 'hang-up' })
  clearInterval(acknowledging)
})

test('output in many small writes comes in a frame each 50 ms at the most, whole', async () => {
  const terminal = open()
  const lines = 200
  const script = `exec 9<> <(:); for i in $(seq ${lines}); do echo $i; read -t 0.002 -u 9; done; exit 3`
  const session = sessionStart(['bash', '-c', script])
  await terminal.start(place, session)
  const { id, keyHex } = session
  const begun = performance.now()
  const shell = await terminal.attach(place, { id, keyHex, from: 0 })
  const frames: string[] = []
  let tookMs = 0
  for await (const event of shell.events) {
    if (event.kind === 'ended') break
    if (event.kind !== 'output') continue
    frames.push(Buffer.from(event.bytes).toString())
    tookMs = performance.now() - begun
    shell.acknowledge(event.from + event.bytes.length)
  }
  const numbers = Array.from({ length: lines }, (_none, at) => `${at + 1}\r\n`)
  expect(frames.join('')).toBe(numbers.join(''))
  // As many as the time allows, however long a busy machine takes for the lines: all were sent between the two moments.
  expect(frames.length).toBeLessThanOrEqual(4 + tookMs / 40)
})

test('T51 the socket is of no use without the key: no answer to a stranger, and the session goes on', async () => {
  const { id, shell, reader } = await begin(sessionShell)
  await reader.shows(/\$ $/)
  const socket = `${spoolFile(id)}.session`
  for (const sent of [Buffer.alloc(0), Buffer.alloc(45, 1), Buffer.from('GET / HTTP/1.1\r\n\r\n'), helloWithoutKey()]) {
    const stranger = connect(socket)
    const received: Buffer[] = []
    stranger.on('data', (bytes) => received.push(bytes)).on('error', () => undefined)
    const closed = new Promise((resolve) => stranger.once('close', resolve))
    if (sent.length === 0) stranger.end()
    else stranger.write(sent)
    await closed
    // The challenge, and at the most that the key is wrong.
    expect(Buffer.concat(received).length).toBeLessThan(40)
  }
  await reader.type('count 2\r')
  await reader.shows(/1\r\n2\r\n\$ $/)
  shell.hangUp()
  await reader.ended()
})

/** Returns a hello of the right form with a MAC of no key. */
function helloWithoutKey(): Buffer {
  const rest = Buffer.alloc(1 + 16 + 8 + 16)
  rest[0] = 0x68
  const length = Buffer.alloc(4)
  length.writeUInt32BE(rest.length)
  return Buffer.concat([length, rest])
}
