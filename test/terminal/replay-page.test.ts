import { expect, test } from '@jest/globals'

type Event = readonly [number, string, Uint8Array]
type TextEvent = readonly [number, string, string]
type Head = { startedAt: number; target: string }

const page = new URL('../../src/web/terminal/page/', import.meta.url)
const { toTexts, toV2, toV3 } = (await import(new URL('to-asciicast.js', page).href)) as {
  toTexts: (events: readonly Event[]) => TextEvent[]
  toV2: (head: Head, events: readonly TextEvent[]) => string
  toV3: (head: Head, events: readonly TextEvent[]) => string
}
const { createPlayer } = (await import(new URL('player.js', page).href)) as {
  createPlayer: (events: readonly Event[], on: object) => Player
}
type Player = {
  duration: () => number
  play: () => void
  pause: () => void
  isPlaying: () => boolean
  seek: (to: number) => void
  setSpeed: (to: number) => void
  setSkip: (to: boolean) => void
}

const bytes = (text: string) => Uint8Array.from(Buffer.from(text))
const head = { startedAt: 1_700_000_000_500, target: 'node/node001' }
const euro = bytes('€')
const events: Event[] = [
  [0, 'r', bytes('100x30')],
  [10, 'o', bytes('$ ')],
  [1_010, 'o', euro.subarray(0, 1)],
  [1_020, 'o', euro.subarray(1)],
  [5_020, 'i', bytes('id')],
  [5_030, 'r', bytes('80x24')],
  [65_030, 'o', bytes('\u001b[1mx"\r\n')],
]
const lines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

test('asciicast v3 has the size, and the time since the event before', () => {
  expect(lines(toV3(head, toTexts(events)))).toEqual([
    { version: 3, term: { cols: 100, rows: 30 }, timestamp: 1_700_000_000, title: 'Shell on node/node001' },
    [0.01, 'o', '$ '],
    [1.01, 'o', '€'],
    [4, 'i', 'id'],
    [0.01, 'r', '80x24'],
    [60, 'o', '\u001b[1mx"\r\n'],
  ])
})

test('asciicast v2 has the time since the beginning', () => {
  const [first, ...rest] = lines(toV2(head, toTexts(events)))
  expect(first).toMatchObject({ version: 2, width: 100, height: 30, timestamp: 1_700_000_000 })
  expect(rest.map(([at]) => at)).toEqual([0.01, 1.02, 5.02, 5.03, 65.03])
})

test('output that ends inside a character is not lost, and a recording without a size has one', () => {
  const texts = toTexts([[5, 'o', euro.subarray(0, 2)]])
  expect(lines(toV2(head, texts))).toMatchObject([{ width: 80, height: 24 }, [0.005, 'o', '\ufffd']])
  expect(lines(toV3(head, []))).toHaveLength(1)
})

/** Opens a player whose clock only moves by `pass`. */
function open() {
  let at = 0
  let timer: { work: () => void; at: number } | undefined
  const shown: string[] = []
  const positions: number[] = []
  const player = createPlayer(events, {
    show: ([, code]: Event) => void shown.push(code),
    reset: () => void shown.splice(0),
    tick: (position: number) => void positions.push(position),
    clock: {
      now: () => at,
      wait: (work: () => void, ms: number) => {
        timer = { work, at: at + ms }
        return timer
      },
      stop: (which: unknown) => {
        if (which === timer) timer = undefined
      },
    },
  })
  const pass = (ms: number) => {
    const until = at + ms
    while (timer !== undefined && timer.at <= until) {
      const due = timer
      timer = undefined
      at = Math.max(at, due.at)
      due.work()
    }
    at = until
  }
  return { player, shown, pass, positions }
}

test('a recording plays in its time; idle time is skipped, or not', () => {
  const { player, shown, pass } = open()
  expect(player.duration()).toBe(10 + 1_000 + 10 + 1_000 + 10 + 1_000)
  player.play()
  pass(1_015)
  expect(shown).toHaveLength(3)
  pass(3_000)
  expect([shown.length, player.isPlaying()]).toEqual([7, false])
  player.setSkip(false)
  expect(player.duration()).toBe(65_030)
  player.seek(0)
  player.play()
  pass(5_021)
  expect(shown).toHaveLength(5)
})

test('speed, pause and seeking: back shows the beginning again, forward all up to there', () => {
  const { player, shown, pass, positions } = open()
  player.setSpeed(4)
  player.play()
  pass(260)
  expect(shown).toHaveLength(4)
  player.pause()
  pass(60_000)
  expect(shown).toHaveLength(4)
  player.seek(5)
  expect(shown).toEqual(['r'])
  player.seek(99_999)
  expect(shown).toHaveLength(7)
  player.play()
  expect(shown.length).toBeLessThan(3)
  expect(Math.max(...positions)).toBe(player.duration())
})
