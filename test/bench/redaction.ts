import { createRedactor } from '#core/output/redact'
import { sanitise } from '#core/output/sanitise'
import { seed } from '#test/core/output/secrets/figures'
import { lookAlikes, toolLines } from '#test/core/output/secrets/harmless'
import { secretTexts } from '#test/core/output/secrets/measure'
import { processorTime } from '#test/samples/processor-time'
import { figuresOf } from './figures.ts'
import type { Measure } from './measure.ts'

const megabyte = 2 ** 20
/** Lines of tools for each line that resembles a secret, and for each text with one. */
const linesPerLookAlike = 5
const linesPerSecret = 20
const repetitions = 20

/** Words of a scan that only asks whether a line may have a secret: the least that any redaction has to do. */
const words = /password|secret|token|key|authorization|BEGIN|:\/\//gi

/** Returns a megabyte of tools' output, in which every fifth line resembles a secret, and every twentieth is followed by one. */
function sampleText(): string {
  const tools = toolLines()
  const similar = lookAlikes()
  const secrets = secretTexts(seed).map(({ text }) => text)
  const every = (count: number, at: number, texts: readonly string[]) =>
    at % count === 0 ? [texts[(at / count) % texts.length] ?? ''] : []
  const lines: string[] = []
  for (let at = 0, length = 0; length < megabyte; at += 1) {
    const next = [
      tools[at % tools.length] ?? '',
      ...every(linesPerLookAlike, at, similar),
      ...every(linesPerSecret, at, secrets),
    ]
    lines.push(...next)
    length += next.join('\n').length + 1
  }
  return `${lines.join('\n').slice(0, megabyte - 1)}\n`
}

/** Measures the processor time of hiding secrets in a megabyte of output. Peers: one pass of a short expression; making the same text harmless. */
export function benchRedaction(): Promise<Measure> {
  const text = sampleText()
  const measure = (work: () => unknown) => {
    const times = Array.from({ length: repetitions }, () => processorTime(work) / 1_000)
    return figuresOf(times)
  }
  const hidden = createRedactor().lines(text)
  if (!hidden.includes('[redacted: ')) throw new Error('the benchmark must have secrets')
  const own = measure(() => createRedactor().lines(text))
  return Promise.resolve({
    name: 'secrets of 1 MB of output, processor time',
    own,
    peers: [
      { what: 'one pass of an expression of seven words', figures: measure(() => text.match(words)) },
      { what: 'escape codes of the same text', figures: measure(() => sanitise(`${text}\u0007`)) },
    ],
    notes: { 'milliseconds, target 100': Math.round(own.median) },
  })
}
