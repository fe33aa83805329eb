import { compileOwnerPattern, type OwnerPattern } from './owner-pattern.ts'

/** Redactor of secrets in consecutive lines of output; a private key may span several lines. */
export type Redactor = {
  /** Replaces secrets with marks in whole lines, each with its "\n". */
  lines: (text: string) => string
  /** Replaces secrets in one line without its "\n". */
  line: (line: string) => string
  /** Replaces secrets in a line that may still grow, without a change of state. */
  peek: (line: string) => string
  /** Returns true inside a private key. */
  inKey: () => boolean
}

const getMark = (kind: string) => `[redacted: ${kind}]`
const anyMark = /\[redacted: [a-z ]+\]/g

/** Returns the number of secrets that were hidden in a text. */
export function redactionsIn(text: string): number {
  return text.includes('[redacted: ') ? (text.match(anyMark)?.length ?? 0) : 0
}

/**
 * Patterns of secrets; groups 1 and 2 are the unchanged text before and after the secret. Patterns that may match from
 * many positions in a line have a maximum length: hostile output must not make the search quadratic.
 */
const patterns: readonly (readonly [string, RegExp])[] = [
  [
    'private key',
    /()-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(?:[^-]|-(?!----END [A-Z ]{0,40}PRIVATE KEY-----))*(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?()/g,
  ],
  ['token', /\b(authorization:\s*(?:bearer|basic|token)\s+)[^\s"',]+()/gi],
  // Of a run of letters, only the first place where a token may begin is tried: where it isn't one, no later one is.
  ['token', /(?<![\w-])((?:(?!\beyJ)[\w-])*)\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*()/g],
  ['token', /()\bxox[abeprs]-[\w-]{10,}()/g],
  ['token', /()\bgh[opsur]_\w{30,}()/g],
  ['cloud key', /()\b(?:AKIA|ASIA)[0-9A-Z]{16}\b()/g],
  ['cloud key', /(aws_?secret_?access_?key["']?\s*[=:]\s*["']?)[\w/+=]{20,}()/gi],
  ['cloud key', /()\bAIza[\w-]{35}()/g],
  ['cloud key', /(\b(?:AccountKey|SharedAccessKey)=)[\w+/=]{20,}()/g],
  ['cloud key', /([?&]sig=)[\w%+/=]{20,}()/g],
  ['key', /(\bclient-key-data:\s*)\S+()/g],
  ['token', /(^\s*(?:id-|access-|refresh-)?token:\s*)[\w.-]{16,}()/g],
  ['password hash', /(^[a-z_][\w.-]*:)\$[0-9a-z]+\$[^:]+(:)/gi],
  ['password', /(\b\w*(?:password|passwd|passphrase)["']?\s*[=:]\s*)(?!\[redacted)(?:"[^"]*"|'[^']*'|[^\s,;&]+)()/gi],
  ['secret', /(\b\w*(?:secret|api_?key|token)=)(?!\[redacted)(?:"[^"]*"|'[^']*'|[^\s,;&]+)()/gi],
  ['password', /(:\/\/[^\s:@/]+:)[^\s@/]+(@)/g],
]

/** Fast pre-check: every match of the patterns contains one of these. Most output has none and skips the patterns. */
const suspicious =
  /private key|authorization|eyj|xox|gh[opsur]_|a[ks]ia|aiza|secret|a(?:ccount|ccess)key|sig=|client-key|token|:\$|passw|passphrase|api_?key|:\/\/[^\s:@/]+:/i

function toOwnPattern(source: string): OwnerPattern {
  const pattern = compileOwnerPattern(source)
  if ('mistake' in pattern) throw new Error(`the expression "${source}" ${pattern.mistake}`)
  return pattern
}

const keyBegin = /-----BEGIN [A-Z ]*PRIVATE KEY-----/
const keyEnd = /-----END [A-Z ]*PRIVATE KEY-----/
const keyBody = /^[\s\w+/=:,.-]*$/

/**
 * Creates a redactor. `extra`: sources of further regular expressions, whose whole match is hidden; throws where one is
 * none. `inKey`: true if the output starts inside a private key.
 */
export function createRedactor(extra: readonly string[] = [], inKey = false): Redactor {
  const ownPatterns = extra.map(toOwnPattern)
  let isInKey = inKey
  const isClean = (text: string) => !isInKey && ownPatterns.length === 0 && !suspicious.test(text)
  const replaceSecrets = (line: string) => {
    const redacted = patterns.reduce((text, [kind, pattern]) => text.replace(pattern, `$1${getMark(kind)}$2`), line)
    return ownPatterns.reduce((text, pattern) => pattern.hide(text, getMark('by policy')), redacted)
  }
  const redactLine = (line: string): { text: string; inKey: boolean } => {
    if (isClean(line)) return { text: line, inKey: false }
    if (isInKey && keyEnd.test(line))
      return { text: line.replace(/^.*?-----END [A-Z ]*PRIVATE KEY-----/, ''), inKey: false }
    if (isInKey && keyBody.test(line)) return { text: '', inKey: true }
    return { text: replaceSecrets(line), inKey: keyBegin.test(line) && !keyEnd.test(line) }
  }
  const line = (each: string) => {
    const redacted = redactLine(each)
    isInKey = redacted.inKey
    return redacted.text
  }
  return {
    lines: (text) =>
      isClean(text)
        ? text
        : text
            .split('\n')
            .slice(0, -1)
            .map((each) => `${line(each)}\n`)
            .join(''),
    line,
    peek: (each) => redactLine(each).text,
    inKey: () => isInKey,
  }
}
