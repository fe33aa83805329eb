import { createHash } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import type { AttachedShell, SessionPlace, SessionStart, TerminalEvent, TerminalPort } from '#core/ports/terminal'
import { waitUntil } from '#test/flow/wait-for'

/**
 * Terminal under test. `shell`: argv of a shell that echoes typed characters, prints the prompt `$ ` and knows `exit N`,
 * `count N` (prints the numbers 1 to N, a line each), `size` (prints rows and columns), `noecho` (reads a line without
 * echo, prints `Password: ` before it) and `sleep`, which prints `sleeping` and is ended by Ctrl-C.
 */
export type TerminalBench = {
  terminal: TerminalPort
  /** Returns the container of a session, which is made for it. */
  placeFor: (id: string) => Promise<SessionPlace>
  shell: readonly string[]
  /** Returns true once the shell of a session doesn't run any more. */
  hasEnded: (id: string) => Promise<boolean>
  /** Seconds within which an attachment succeeds, on a busy machine too. */
  attachSeconds: number
}

let serial = 0

/** Returns an id that no other session of these tests has. */
export function newSessionId(): string {
  serial += 1
  const digest = createHash('sha256').update(`${process.pid} ${serial} ${process.hrtime.bigint()}`).digest()
  return [...digest.subarray(0, 12)].map((byte) => 'abcdefghijklmnopqrstuvwxyz234567'[byte % 32]).join('')
}

const sessionKeyHex = 'ab'.repeat(32)

/** Returns a session's start. */
export function sessionStart(argv: readonly string[], change: Partial<SessionStart> = {}): SessionStart {
  const size = { cols: 80, rows: 24 }
  return { id: newSessionId(), argv, size, keyHex: sessionKeyHex, detachedSeconds: 60, maxSeconds: 300, ...change }
}

/** Reads an attached session: collects its output and waits for what it shows. */
export function readShell(shell: AttachedShell, options: { from?: number; acknowledges?: boolean } = {}) {
  const { from = 0, acknowledges = true } = options
  const events: TerminalEvent[] = []
  const parts: Uint8Array[] = []
  let next = from
  let failure: unknown
  let finished = false
  let typed = -1
  const done = (async () => {
    try {
      for await (const event of shell.events) {
        events.push(event)
        if (event.kind === 'input' && event.upTo > typed) typed = event.upTo
        if (event.kind === 'output') {
          if (event.from !== next) throw new Error(`output from byte ${event.from} came where ${next} was due`)
          parts.push(event.bytes)
          next += event.bytes.length
          if (acknowledges) shell.acknowledge(next)
        }
      }
    } catch (error) {
      failure = error
    }
    finished = true
  })()
  const until = (what: string, holds: () => boolean) => {
    const isThere = () => {
      if (holds()) return true
      if (finished) throw failure ?? new Error(`the session ended before: ${what}; output: ${text()}`)
      return false
    }
    return waitUntil(what, isThere, { instead: text })
  }
  const text = () => Buffer.concat(parts).toString('utf8')
  return {
    events,
    done,
    text,
    bytes: () => Buffer.concat(parts),
    next: () => next,
    typed: () => typed,
    failure: () => failure,
    until,
    shows: (pattern: RegExp) => until(String(pattern), () => pattern.test(text())),
    /** Types text after all that was typed before; waits until the session has said how much that is. */
    async type(input: string) {
      await until('the session says what was typed', () => typed >= 0)
      const bytes = Buffer.from(input)
      const at = typed
      typed += bytes.length
      shell.input(at, bytes)
    },
    async ended() {
      await done
      if (failure !== undefined) throw failure
      const last = events.at(-1)
      if (last?.kind !== 'ended') throw new Error('the events ended without the end of the session')
      return last
    },
  }
}

/** Tests what every terminal port has to do, the real one and the stand-in. */
export function terminalContract(name: string, bench: () => Promise<TerminalBench>): void {
  const open = async (change: (bench: TerminalBench) => Partial<SessionStart> = () => ({})) => {
    const opened = await bench()
    const { terminal, placeFor, shell, hasEnded } = opened
    const session = sessionStart(shell, change(opened))
    const place = await placeFor(session.id)
    await terminal.start(place, session)
    const attach = (from = 0, keyHex = session.keyHex) => terminal.attach(place, { id: session.id, keyHex, from })
    return { terminal, place, session, attach, hasEnded }
  }
  describe(`${name} meets the contract of a terminal`, () => {
    test('a shell shows its prompt, echoes keys, and tells its exit code and the SHA-256 of its output', async () => {
      const { attach } = await open()
      const shell = await attach()
      const reader = readShell(shell)
      await reader.shows(/\$ $/)
      await reader.type('count 3\r')
      await reader.shows(/1\r\n2\r\n3\r\n/)
      await reader.type('exit 7\r')
      const end = await reader.ended()
      expect(end).toMatchObject({ exitCode: 7, signal: undefined, why: 'exited', total: reader.bytes().length })
      expect(createHash('sha256').update(reader.bytes()).digest('hex')).toBe(end.sha256)
    })

    test('a second start of the same session starts nothing; another key attaches to nothing', async () => {
      const { terminal, place, session, attach } = await open()
      await terminal.start(place, session)
      await expect(attach(0, 'cd'.repeat(32)).then((shell) => readShell(shell).ended())).rejects.toMatchObject({
        name: 'TerminalConnectionError',
      })
      const shell = await attach()
      const reader = readShell(shell)
      await reader.shows(/\$ $/)
      shell.hangUp()
      expect(await reader.ended()).toMatchObject({ why: 'hang-up' })
      expect(reader.text().match(/\$ /g)).toHaveLength(1)
    })

    test('a session that was never started is gone', async () => {
      const { terminal, placeFor } = await bench()
      const place = await placeFor(newSessionId())
      const attaching = terminal
        .attach(place, { id: newSessionId(), keyHex: sessionKeyHex, from: 0 })
        .then((shell) => readShell(shell).ended())
      await expect(attaching).rejects.toMatchObject({ kind: 'gone' })
    })

    test('the size changes, and Ctrl-C ends what runs', async () => {
      const { attach } = await open()
      const shell = await attach()
      const reader = readShell(shell)
      await reader.shows(/\$ $/)
      shell.resize({ cols: 132, rows: 50 })
      await reader.until('the size', () => reader.events.some((each) => each.kind === 'size' && each.size.cols === 132))
      await reader.type('size\r')
      await reader.shows(/50 132\r\n/)
      await reader.type('sleep\r')
      await reader.shows(/sleeping\r\n/)
      await reader.type('\u0003')
      await reader.shows(/\^C[\s\S]*\$ $/)
      shell.hangUp()
      await reader.ended()
    })

    test('it says where a password is read', async () => {
      const { attach } = await open()
      const shell = await attach()
      const reader = readShell(shell)
      await reader.shows(/\$ $/)
      await reader.type('noecho\r')
      const isHidden = () => {
        const last = reader.events.findLast((each) => each.kind === 'echo')
        return last !== undefined && !last.echo && last.canonical
      }
      await reader.until('echo off', () => reader.text().includes('Password: ') && isHidden())
      await reader.type('secret\r')
      await reader.until('echo no longer hidden', () => !isHidden())
      await reader.shows(/Password: \r\n[\s\S]*\$ $/)
      expect(reader.text()).not.toContain('secret')
      shell.hangUp()
      await reader.ended()
    })

    test('a caller that attaches again gets the output from the byte that it names, and nothing is typed twice', async () => {
      const { attach } = await open()
      const first = await attach()
      const before = readShell(first)
      await before.shows(/\$ $/)
      await before.type('count 5\r')
      await before.shows(/5\r\n\$ $/)
      first.close()
      await before.done
      const second = await attach(before.next())
      const after = readShell(second, { from: before.next() })
      await after.until('what was typed', () => after.typed() === 8)
      // The last key and one more: the first of them was typed already.
      second.input(7, Buffer.from('\rcount 2\r'))
      await after.shows(/count 2\r\n1\r\n2\r\n\$ $/)
      second.hangUp()
      const end = await after.ended()
      const all = Buffer.concat([before.bytes(), after.bytes()])
      expect(end.total).toBe(all.length)
      expect(createHash('sha256').update(all).digest('hex')).toBe(end.sha256)
    })

    test('a second connection replaces the first', async () => {
      const { attach } = await open()
      const first = readShell(await attach(), { acknowledges: false })
      await first.shows(/\$ $/)
      const shell = await attach()
      const second = readShell(shell)
      await second.shows(/\$ $/)
      await first.done
      expect(first.failure()).toMatchObject({ kind: 'replaced' })
      shell.hangUp()
      await second.ended()
    })

    test('missing typed bytes break the connection, and the shell gets nothing of what follows them', async () => {
      const { attach } = await open()
      const shell = await attach()
      const reader = readShell(shell, { acknowledges: false })
      await reader.shows(/\$ $/)
      shell.input(5, Buffer.from('count 3\r'))
      await reader.done
      expect(reader.failure()).toMatchObject({ kind: 'gap' })
      const again = await attach()
      const after = readShell(again)
      await after.until('what was typed', () => after.typed() === 0)
      again.hangUp()
      await after.ended()
    })

    test('output that isn’t acknowledged is held back, and follows when it is', async () => {
      const { attach } = await open()
      const shell = await attach()
      const reader = readShell(shell, { acknowledges: false })
      await reader.shows(/\$ $/)
      await reader.type('count 100000\r')
      await reader.until('a full window', () => reader.next() >= 256 * 1_024)
      expect(reader.next()).toBe(256 * 1_024)
      shell.acknowledge(1_000)
      await reader.until('the next bytes', () => reader.next() >= 256 * 1_024 + 1_000)
      expect(reader.next()).toBe(256 * 1_024 + 1_000)
      shell.hangUp()
      const acknowledging = setInterval(() => shell.acknowledge(reader.next()), 5)
      try {
        const end = await reader.ended()
        expect(end.total).toBe(reader.next())
        expect(createHash('sha256').update(reader.bytes()).digest('hex')).toBe(end.sha256)
      } finally {
        clearInterval(acknowledging)
      }
    })

    test('released output can’t be had again', async () => {
      const { attach } = await open()
      const shell = await attach()
      const reader = readShell(shell)
      await reader.shows(/\$ $/)
      await reader.type('count 400000\r')
      await reader.until('all of it', () => reader.next() > 2_600_000)
      shell.close()
      await reader.done
      const attaching = attach(0).then((again) => readShell(again).ended())
      await expect(attaching).rejects.toMatchObject({ kind: 'released' })
      const again = await attach(reader.next())
      const after = readShell(again, { from: reader.next() })
      again.hangUp()
      await after.ended()
    })

    test('a shell to which nobody is attached ends after its time, and says so afterwards', async () => {
      // Its end can be read for as long again.
      const { attach, session, hasEnded } = await open(({ attachSeconds }) => ({ detachedSeconds: attachSeconds }))
      const shell = await attach()
      const reader = readShell(shell, { acknowledges: false })
      await reader.shows(/\$ $/)
      shell.close()
      await reader.done
      // Attaching again within the time would keep it from ending.
      await waitUntil('the shell has ended', () => hasEnded(session.id))
      const after = readShell(await attach())
      expect(await after.ended()).toMatchObject({ why: 'detached' })
    })
  })
}
