import { compileOwnerPattern, type OwnerPattern } from './custom-redaction-pattern.ts'
import { findBlocks, findInlineSecretData, type OpenSecret } from './redaction/blocks.ts'
import { isPlaceholder } from './redaction/classify-value.ts'
import { commandForms, findCommandSecrets } from './redaction/command-lines.ts'
import { findEncoded } from './redaction/encoded.ts'
import { longWordsOf } from './redaction/extract-long-words.ts'
import { fileForms } from './redaction/file-forms.ts'
import { findNamedValues } from './redaction/named-values.ts'
import { toSearched } from './redaction/searched-text.ts'
import { anyMark, getMark, hideSpans, type SecretSpan } from './redaction/secret-span.ts'
import { findByForms, findFormsInText, findTokens } from './redaction/token-forms.ts'
import { findAddressPasswords } from './redaction/url-credentials.ts'

/** Redactor of secrets in consecutive lines of output; a secret may span several lines. */
export type Redactor = {
  /** Replaces secrets with marks in whole lines, each with its "\n". */
  lines: (text: string) => string
  /** Replaces secrets in one line without its "\n". */
  line: (line: string) => string
  /** Replaces secrets in a line that may still grow, without a change of state. */
  peek: (line: string) => string
  /** Returns what goes on in the next line. */
  open: () => OpenSecret
}

/** Returns the number of secrets that were hidden in a text. */
export function redactionsIn(text: string): number {
  return text.includes('[redacted: ') ? (text.match(anyMark)?.length ?? 0) : 0
}

function toOwnPattern(source: string): OwnerPattern {
  const pattern = compileOwnerPattern(source)
  if ('mistake' in pattern) throw new Error(`the expression "${source}" ${pattern.mistake}`)
  return pattern
}

/** Encodings in encodings that are looked into. */
const maxDepth = 2

/** Finds the secrets of a text that end in the line in which they begin. */
function findInLines(text: string, depth = 0): SecretSpan[] {
  const hasSecret = (decoded: string) =>
    depth < maxDepth && (findInLines(decoded, depth + 1).length > 0 || findBlocks(decoded).spans.length > 0)
  const { joined, toText } = longWordsOf(text)
  return [
    ...findNamedValues(text),
    ...findFormsInText(text),
    ...toText([...findTokens(joined), ...findEncoded(joined, hasSecret)]),
    ...findByForms(text, fileForms, isPlaceholder),
    ...findByForms(text, commandForms, isPlaceholder),
    ...findCommandSecrets(text),
    ...findAddressPasswords(text),
    ...findInlineSecretData(text),
  ]
}

/** Finds the secrets of a text, those that span lines included, by the forms that are known here. */
export function findSecrets(text: string): SecretSpan[] {
  const { plain, toShown } = toSearched(text)
  return toShown([...findBlocks(plain).spans, ...findInLines(plain)])
}

/** Returns a text with marks in the place of the secrets in it. */
export const hideSecrets = (text: string): string => hideSpans(text, findSecrets(text))

/**
 * Creates a redactor. `extra`: sources of further regular expressions, whose whole match is hidden; throws where one is
 * none. `before`: what is open where the output starts.
 */
export function createRedactor(extra: readonly string[] = [], before: OpenSecret = {}): Redactor {
  const ownPatterns = extra.map(toOwnPattern)
  let open = before
  const redact = (text: string): { text: string; open: OpenSecret } => {
    const { plain, toShown } = toSearched(text)
    const blocks = findBlocks(plain, open)
    const hidden = hideSpans(text, toShown([...blocks.spans, ...findInLines(plain)]))
    if (ownPatterns.length === 0) return { text: hidden, open: blocks.open }
    const lines = hidden
      .split('\n')
      .map((line) => ownPatterns.reduce((rest, pattern) => pattern.hide(rest, getMark('by policy')), line))
    return { text: lines.join('\n'), open: blocks.open }
  }
  const redactAndContinue = (text: string) => {
    const redacted = redact(text)
    open = redacted.open
    return redacted.text
  }
  return { lines: redactAndContinue, line: redactAndContinue, peek: (line) => redact(line).text, open: () => open }
}
