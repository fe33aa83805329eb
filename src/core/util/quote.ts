import { restText, visibilityOf } from './one-line.ts'

const unquotedPattern = /^[A-Za-z0-9_@%+=:,./-]+$/

/** Quotes an argument for a shell, only where needed. */
export function shellQuote(argument: string): string {
  return unquotedPattern.test(argument) ? argument : singleQuoted(argument)
}

function singleQuoted(argument: string): string {
  return `'${argument.replaceAll("'", `'\\''`)}'`
}

/**
 * Quotes a text from a form as one argument of a command; characters with a meaning in double quotes become spaces.
 * Returns an empty string for an empty text.
 */
export function quoteText(text: string | null | undefined): string {
  const clean = (text ?? '').replaceAll(/["\\`$\r\n]/g, ' ').trim()
  return clean === '' ? '' : `"${clean}"`
}

/**
 * Returns a pipeline exactly, in one line: each argument's bounds are visible. Arguments with anything unseen are in
 * `$'…'`, with that as escapes (`$'a\nb'`); `on` is quoted, since `on TARGET` follows a command in titles. Source: GNU
 * Bash manual, "ANSI-C Quoting".
 */
export function formatPipeline(pipeline: readonly (readonly string[])[]): string {
  return pipeline.map((argv) => argv.map(quoteExactly).join(' ')).join(' | ')
}

/** Returns a command of at most `maxChars` characters; the rest is counted. */
export function boundedCommand(command: string, maxChars: number): string {
  const characters = [...command]
  if (characters.length <= maxChars) return command
  return `${characters.slice(0, maxChars).join('')}…${restText(characters.length - maxChars)}`
}

function quoteExactly(argument: string): string {
  if (unquotedPattern.test(argument) && argument !== 'on') return argument
  const classify = visibilityOf()
  const characters = [...argument].map((character) => ({ character, visibility: classify(character) }))
  const isPlain = characters.every(
    ({ character, visibility }) => visibility === 'shown' || (visibility === 'blank' && character === ' '),
  )
  if (isPlain) return singleQuoted(argument)
  const escaped = characters.map(({ character, visibility }) => {
    if (visibility === 'shown') return character.replace(/['\\]/, '\\$&')
    return character === ' ' ? ' ' : escapeCharacter(character)
  })
  return `$'${escaped.join('')}'`
}

const shortEscapes: Partial<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0
  const hex = code.toString(16).toUpperCase()
  return shortEscapes[character] ?? (code > 0xffff ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`)
}
