import { RE2JS } from 're2js'
import { errorMessage } from '#core/util/error-message'

/** Expression of the owner that hides what it matches in one line of output; `hide` takes linear time, whatever the line is. */
export type OwnerPattern = { hide: (line: string, mark: string) => string }

/**
 * Characters that may be read to find all matches in one line, as multiples of its length, and beside that. To find a single match may take reading
 * the line to its end, so that many matches in a long line would take more than linear time. What follows the last one that is looked for is hidden
 * as a whole.
 */
const maxReads = 10
const freeReads = 100_000

/** Maximum size of a compiled expression, in RE2's instructions: the time per character grows with it. */
const maxProgramSize = 1_000

/**
 * Compiles an expression of the owner. Its engine is RE2, which takes linear time for every expression and text, where JavaScript's own may take
 * forever for a line that somebody made for it; decision 031. Returns the mistake, in words, of what RE2 doesn't accept.
 */
export function compileOwnerPattern(source: string): OwnerPattern | { mistake: string } {
  const compiled = compile(source)
  if (typeof compiled === 'string') return { mistake: compiled }
  return {
    hide(line, mark) {
      if (!compiled.test(line)) return line
      const matcher = compiled.matcher(line)
      let hidden = ''
      let end = 0
      let reads = maxReads * line.length + freeReads
      while (matcher.find()) {
        reads -= line.length - matcher.start()
        if (matcher.end() === matcher.start()) continue
        hidden += line.slice(end, matcher.start()) + mark
        end = matcher.end()
        if (reads < 0) return end === line.length ? hidden : hidden + mark
      }
      return hidden + line.slice(end)
    },
  }
}

function compile(source: string): RE2JS | string {
  if (/\\k/.test(source.replaceAll(/\\[^k]/g, ''))) return 'refers back to a group'
  try {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(withUnicodeSpaces(source)))
    return compiled.programSize() <= maxProgramSize ? compiled : 'is too large: its counts come to too much'
  } catch (error) {
    return describeMistake(errorMessage(error))
  }
}

/** Unicode's spaces, which `\s` means in JavaScript beside those of ASCII. */
const spaces = String.raw`\s\v\p{Z}\x{feff}`

/** Gives `\s` and `\S` the meaning that they have in JavaScript, so that no expression hides less than it did there. */
function withUnicodeSpaces(source: string): string {
  let isInClass = false
  return source.replaceAll(/\\?[\s\S]/g, (unit) => {
    if (unit === '[') isInClass = true
    if (unit === ']') isInClass = false
    if (unit === '\\s') return isInClass ? spaces : `[${spaces}]`
    return unit === '\\S' && !isInClass ? `[^${spaces}]` : unit
  })
}

function describeMistake(message: string): string {
  const [, part] = /`([^`]*)`$/.exec(message) ?? []
  const where = part === undefined ? '' : ` at "${part}"`
  if (/\(\?[=!<]/.test(part ?? '')) return `looks ahead or back${where}`
  return `is no regular expression${where}`
}
