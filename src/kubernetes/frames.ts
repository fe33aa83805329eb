import { createHash } from 'node:crypto'
import type { OutputChunk } from '#core/ports'

/** The runner's last word; see shell-image/runner. */
export type Trailer = {
  why: 'ended' | 'deadline' | 'output-limit' | 'stopped'
  exit: number
  stages: readonly number[]
  frames: number
  stdout: { bytes: number; sha256: string }
  stderr: { bytes: number; sha256: string }
}

export type FrameReader = {
  /** Takes one line of the container's log. Undefined for one that was seen before, or that says nothing. */
  read: (line: string) => OutputChunk | undefined
  trailer: () => Trailer | undefined
  /** Why what was read isn't proven to be all; undefined when it is. */
  gap: () => string | undefined
  /** Lines that weren't the runner's: what else wrote into the log. */
  strange: () => string
}

const streams = { o: 'stdout', e: 'stderr' } as const

/**
 * Reads the runner's frames from a log that may repeat or lose lines (kubelet rotates it, connections break), and
 * compares the end's byte counts and SHA-256 with what was read.
 */
export function frameReader(): FrameReader {
  const seen = {
    stdout: { bytes: 0, hash: createHash('sha256'), decoder: new TextDecoder() },
    stderr: { bytes: 0, hash: createHash('sha256'), decoder: new TextDecoder() },
  }
  let next = 0
  let lost = 0
  let trailer: Trailer | undefined
  const strange: string[] = []

  return {
    read(line) {
      const [kind = '', seq = '', milliseconds = '', data = ''] = line.split(' ')
      if (kind === 'x' && trailer === undefined) {
        trailer = JSON.parse(line.slice(2)) as Trailer
        return undefined
      }
      if (kind !== 'o' && kind !== 'e') {
        if (line !== '' && kind !== 'x' && strange.length < 20) strange.push(line.slice(0, 500))
        return undefined
      }
      const number = Number(seq)
      if (number < next) return undefined
      lost += number - next
      next = number + 1
      const stream = streams[kind]
      const bytes = Buffer.from(data, 'base64')
      seen[stream].bytes += bytes.length
      seen[stream].hash.update(bytes)
      const text = seen[stream].decoder.decode(bytes, { stream: true })
      return { seq: number, stream, at: new Date(Number(milliseconds)).toISOString(), text }
    },
    trailer: () => trailer,
    gap() {
      if (trailer === undefined) return 'the end of the output was not received'
      if (lost > 0 || next !== trailer.frames)
        return `${lost + trailer.frames - next} pieces of the output were lost on the way`
      for (const stream of ['stdout', 'stderr'] as const) {
        const { bytes, hash } = seen[stream]
        const digest = hash.copy().digest('hex')
        if (bytes !== trailer[stream].bytes || digest !== trailer[stream].sha256)
          return `${stream} differs from what the tool wrote`
      }
      return undefined
    },
    strange: () => strange.join('\n'),
  }
}
