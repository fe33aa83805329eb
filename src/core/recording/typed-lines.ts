import { nextPlace, type TerminalPlace } from './plain-text.ts'

/** Ms within which a typed character has to be echoed. */
const echoMs = 1_000
/** Maximum characters of a line. */
const maxLine = 4_096

/** A typed line. `echoed`: as far as it was echoed; `waiting`: characters without an echo yet; `cut`: the rest isn't recorded. */
type Line = { echoed: string; waiting: { character: string; at: number }[]; cut: boolean; endedAt?: number }

/** What a session's typed lines are recorded by. Times in ms. */
export type TypedLines = {
  /** Takes what was typed. */
  typed: (text: string, at: number) => void
  /** Takes the settings of the terminal: a password is typed with `echo` off and `canonical` on. */
  settings: (now: { echo: boolean; canonical: boolean }) => void
  /** Takes what was printed, and returns the lines that are complete. */
  printed: (text: string, at: number) => string[]
}

/**
 * Creates what finds the lines that a person typed, only as far as the terminal showed them within a second: what isn't echoed, such as a
 * password, is never part of one, whatever the program and its settings. What is typed at a password prompt (ECHO off, ICANON on) is
 * ignored.
 */
export function createTypedLines(): TypedLines {
  let isPassword = false
  let lines: Line[] = []
  let place: TerminalPlace = 'text'
  const newest = (): Line => {
    const last = lines.at(-1)
    if (last !== undefined && last.endedAt === undefined) return last
    const line: Line = { echoed: '', waiting: [], cut: false }
    lines.push(line)
    return line
  }
  /** Returns the line that the next printed character can belong to; lines without an echo in time go into `done`. */
  const current = (at: number, done: string[]): Line | undefined => {
    for (;;) {
      const [line] = lines
      if (line === undefined) return undefined
      if (line.waiting[0] !== undefined && at - line.waiting[0].at > echoMs) cut(line)
      if (line.endedAt === undefined || at - line.endedAt <= echoMs) return line
      finish(done)
    }
  }
  const finish = (done: string[]) => {
    const line = lines.shift()
    if (line !== undefined && line.echoed !== '') done.push(line.echoed)
  }
  return {
    typed(text, at) {
      if (isPassword) return
      for (const character of text) typeCharacter(newest(), character, at)
    },
    settings({ echo, canonical }) {
      isPassword = !echo && canonical
      if (isPassword) lines = []
    },
    printed(text, at) {
      const done: string[] = []
      for (const character of text) {
        const line = current(at, done)
        if (line === undefined) return done
        const next = nextPlace(place, character.codePointAt(0) ?? 0)
        const isText = place === 'text' && next === 'text'
        place = next
        if (!isText) continue
        if (character === '\n' && line.endedAt !== undefined) finish(done)
        else if (character === '\n') cut(line)
        else matchEcho(line, character)
      }
      return done
    },
  }
}

function cut(line: Line): void {
  if (line.waiting.length > 0) line.cut = true
  line.waiting = []
}

function matchEcho(line: Line, character: string): void {
  if (character < ' ' || line.waiting.length === 0) return
  if (line.waiting[0]?.character !== character) {
    cut(line)
    return
  }
  line.waiting.shift()
  line.echoed += character
}

function typeCharacter(line: Line, character: string, at: number): void {
  switch (character) {
    case '\r':
    case '\n':
      line.endedAt = at
      return
    case '\u007f':
    case '\b':
      if (line.waiting.length > 0) line.waiting.pop()
      else line.echoed = line.echoed.slice(0, -1)
      return
    case '\u0003':
    case '\u0015':
      // The line is given up.
      line.echoed = ''
      line.waiting = []
      line.cut = false
      return
    default:
      // After keys that move in a line, or complete it, its text isn't known from what is typed.
      if (character < ' ' || line.echoed.length + line.waiting.length >= maxLine) line.cut = true
      else if (!line.cut) line.waiting.push({ character, at })
  }
}
