import { describe, expect, test } from '@jest/globals'
import { tools } from '#src/tools/index'
import { tooFastGrowth } from './growth.ts'
import type { HostileFunction } from './hostile-function.ts'
import { type HostileText, hostileTexts, manyValues, recordedOutputs, stretchedOutputs } from './hostile-texts.ts'
import { readersOf, readersOfOutput } from './readers-of-output.ts'
import { readersOfPayloads } from './readers-of-payloads.ts'
import { readersOfWords } from './readers-of-words.ts'

/**
 * `npm run redteam` measures how processor time grows. `npm test` calls each function once with
 * each text at its shortest, because a measurement on a busy machine takes long and can be wrong; there
 * `dev/check-regexes` proves linear time.
 */
const isMeasured = process.env['RETINA_REDTEAM_LONG'] === '1'
const takesOr = isMeasured ? 'takes more than linear time, or ' : ''

/** Returns each text that takes a function more than linear time, where that is measured, or makes it throw. */
function slowTexts({ run, lengths }: HostileFunction, texts: readonly HostileText[]): string[] {
  return texts.flatMap(({ name, of }) => {
    try {
      if (!isMeasured) {
        run(of(lengths.from))
        return []
      }
      const growth = tooFastGrowth((length) => {
        const text = of(length)
        return () => run(text)
      }, lengths)
      return growth === undefined ? [] : [`${name}: ${growth.ratio.toFixed(0)} times at ${growth.length} characters`]
    } catch (error) {
      return [`${name}: throws ${String(error).slice(0, 100)}`]
    }
  })
}

describe.each([
  ['words', readersOfWords],
  ['output', readersOfOutput],
  ['payloads', readersOfPayloads],
] as const)('T43 %s', (_group, functions) => {
  test.each(functions.map((each) => [each.name, each] as const))(`%s: no text ${takesOr}throws`, (_name, one) => {
    expect(slowTexts(one, hostileTexts)).toEqual([])
  })
})

describe('T43 outputs that look like recorded ones', () => {
  const readers = tools.filter(({ insight }) => insight !== undefined).map(({ name }) => name)
  test.each(readers)(`%s: no stretched line ${takesOr}throws`, (tool) => {
    const texts = recordedOutputs(tool).flatMap(stretchedOutputs)
    expect(texts.length).toBeGreaterThan(3)
    const many = manyValues[tool] === undefined ? [] : [manyValues[tool]]
    const slow = readersOf(tool).flatMap((one) =>
      slowTexts({ ...one, lengths: { from: 1_000, to: 33_000 } }, texts).map((each) => `${one.name}: ${each}`),
    )
    expect(slow).toEqual([])
    expect(readersOf(tool).flatMap((one) => slowTexts(one, many))).toEqual([])
  })
})

test('T43 the measurement finds quadratic work, and accepts linear work', () => {
  const lengths = { from: 1_000, to: 130_000 }
  const quadratic = (length: number) => {
    const text = '\r'.repeat(length)
    return () => void text.replaceAll(/\r+\n/g, '')
  }
  const linear = (length: number) => {
    const text = '\r'.repeat(length)
    return () => void text.replaceAll(/\r/g, '')
  }
  expect(tooFastGrowth(quadratic, lengths)?.ratio).toBeGreaterThan(24)
  expect(tooFastGrowth(linear, lengths)).toBeUndefined()
})
