import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LineCase } from './line-case.ts'

/** Reads the collection; README.md has its format. Throws for a line that is none. */
export function readLines(): LineCase[] {
  const text = readFileSync(join(import.meta.dirname, 'lines.txt'), 'utf8')
  const cases: LineCase[] = []
  let source = ''
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    if (line.startsWith('@ ')) source = line.slice(2)
    else if (line.startsWith('  ')) addDetail(cases, line)
    else cases.push(toCase(source, line))
  }
  return cases
}

function toCase(source: string, text: string): LineCase {
  const [, target, expect, line = ''] = /^(node|pod) (works|asks|refused|answer): (.+)$/.exec(text) ?? []
  if ((target !== 'node' && target !== 'pod') || source === '') throw new Error(`not a case: ${text}`)
  return { source, target, expect: toExpectation(expect), line }
}

function toExpectation(word: string | undefined): LineCase['expect'] {
  const found = (['works', 'asks', 'refused', 'answer'] as const).find((each) => each === word)
  if (found === undefined) throw new Error(`not an expectation: ${word}`)
  return found
}

function addDetail(cases: LineCase[], text: string): void {
  const last = cases.at(-1)
  const [, name = '', value = ''] = /^ {2}(suggests|flag|says|runs): (.+)$/.exec(text) ?? []
  if (last === undefined || name === '') throw new Error(`not a detail: ${text}`)
  cases[cases.length - 1] = { ...last, [name]: value }
}
