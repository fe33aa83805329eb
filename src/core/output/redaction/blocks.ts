import { defined } from '#core/util/defined'
import { isNoWord, isPlaceholder } from './classify-value.ts'
import { classifyName } from './secret-names.ts'
import type { SecretKind, SecretSpan } from './secret-span.ts'

/**
 * What is open at the end of a line. Plain JSON: another worker may continue it. `block`: a secret that goes on in the next line. `manifest`: the lines
 * that may still belong to a Secret of Kubernetes, whose data is secret.
 */
export type OpenSecret = { block?: Block; manifest?: number }

/**
 * Secret that goes on in the next line. `key`: the armour of a private key began at `column`; `misses` lines in a row had nothing of it. `lines`: so many lines more are secret.
 * `value`: a name came, its value is next. `next`: the next line may be a value alone. `block`: deeper lines than `indent` are its value. `data`: deeper lines are a Secret's data.
 */
type Block =
  | { is: 'key'; column: number; misses: number }
  | { is: 'lines'; column: number; count: number }
  | { is: 'value'; kind: SecretKind; left: number }
  | { is: 'next'; indent: number; kind: SecretKind }
  | { is: 'block'; indent: number; kind: SecretKind }
  | { is: 'data'; indent: number; isSecret: boolean }

const armourBegin = /-{4,5} ?BEGIN [A-Za-z0-9 ]{0,40}(?:PRIVATE KEY(?: BLOCK)?|Static key V\d) ?-{4,5}/
const armourEnd = /-{4,5} ?END [A-Za-z0-9 ]{0,40}(?:PRIVATE KEY(?: BLOCK)?|Static key V\d) ?-{4,5}/
/** Beginnings of secrets that go on in the next line: of a key, and of an entry of a manifest. */
const openings = [
  /PRIVATE KEY|Static key V|Private-Lines: /g,
  /^[ \t]*(?:- )?"?(?:[Nn]ame|[Kk]ey|kind|data|stringData)"?[ \t]{0,9}:/gm,
  /: [ \t]{0,9}[|>][-+\d]{0,2}$/gm,
  /:[ \t]{0,9}$/gm,
] as const

/** Returns a function that returns the position of the first opening at or after another, which may not go back; -1 where there is none. */
function openingsOf(text: string): (at: number) => number {
  const next = openings.map(() => -1)
  return (at) => {
    openings.forEach((pattern, which) => {
      if ((next[which] ?? 0) >= at) return
      pattern.lastIndex = at
      next[which] = pattern.exec(text)?.index ?? text.length
    })
    const first = Math.min(...next)
    return first === text.length ? -1 : first
  }
}

/** Lines without anything of a key after which its end isn't waited for any more. */
const maxMisses = 3

/** Result of reading one line: what is hidden of it, and what goes on after it. */
type Step = { spans: SecretSpan[]; open: Block | undefined }

/** Lines of a Secret of Kubernetes in which its data is expected. */
const manifestLines = 200

/** Finds secrets that span lines, beginning with what is open; returns what is open at the end. */
export function findBlocks(text: string, before: OpenSecret = {}): { spans: SecretSpan[]; open: OpenSecret } {
  const spans: SecretSpan[] = []
  const findOpening = openingsOf(text)
  let { block, manifest = 0 } = before
  for (let at = 0; at < text.length; ) {
    if (block === undefined && manifest === 0) {
      const found = findOpening(at)
      if (found === -1) break
      at = found === 0 ? 0 : text.lastIndexOf('\n', found - 1) + 1
    }
    const newline = text.indexOf('\n', at)
    const end = newline === -1 ? text.length : newline
    const line = text.slice(at, end)
    manifest = linesLeft(line, manifest)
    const step = block === undefined ? openLine(line, manifest > 0) : continueLine(line, block, manifest > 0)
    for (const span of step.spans) spans.push({ ...span, start: span.start + at, end: span.end + at })
    block = step.open
    at = end + 1
  }
  return { spans, open: { ...defined({ block }), ...(manifest === 0 ? {} : { manifest }) } }
}

/** Returns how many more lines may belong to a Secret. */
function linesLeft(line: string, before: number): number {
  const kind = /^[ \t]*(?:- )?"?kind"?:[ \t]*"?(\w+)/.exec(line)
  if (kind !== null) return kind[1] === 'Secret' ? manifestLines : 0
  return line === '---' ? 0 : Math.max(0, before - 1)
}

const nothing: Step = { spans: [], open: undefined }
const indentOf = (line: string) => /^[ \t]*(?:- )?/.exec(line)?.[0].length ?? 0

/** Longest line that is read as one of a manifest. */
const maxEntryChars = 16_384

/** Entry of a manifest in YAML or JSON on a line of its own: `name: value`, `"name": "value",`. `start` is the value's position. */
function readEntry(line: string): { name: string; value: string; start: number; indent: number } | undefined {
  if (line.length > maxEntryChars) return undefined
  const indent = indentOf(line)
  const entry = /^"?([\w.-]{1,253})"?[ \t]{0,9}:[ \t]{0,40}/.exec(line.slice(indent))
  if (entry === null) return undefined
  const from = indent + entry[0].length
  const rest = line.slice(from).trimEnd().replace(/,$/, '')
  const quoted = /^(["'])/.exec(rest)?.[1]
  const isQuoted = quoted !== undefined && rest.length > 1 && rest.endsWith(quoted)
  const value = isQuoted ? rest.slice(1, -1) : rest
  return { name: entry[1] ?? '', value, start: from + (isQuoted ? 1 : 0), indent }
}

function openLine(line: string, isSecretKind: boolean): Step {
  const begin = armourBegin.exec(line)
  if (begin !== null) return openKey(line, begin.index)
  const count = /Private-Lines: (\d{1,3})/.exec(line)
  if (count !== null) return { spans: [], open: { is: 'lines', column: count.index, count: Number(count[1]) } }
  const entry = readEntry(line)
  if (entry === undefined) return nothing
  const { name, value, indent } = entry
  if ((name === 'data' || name === 'stringData') && /^\{?$/.test(value))
    return { spans: [], open: { is: 'data', indent, isSecret: isSecretKind || name === 'stringData' } }
  if (value === '') return openNamed(name, (kind) => ({ is: 'next', indent, kind }))
  if (isBlockSign(value)) return openNamed(name, (kind) => ({ is: 'block', indent, kind }))
  return /^(?:name|key)$/i.test(name) ? openNamed(value, (kind) => ({ is: 'value', kind, left: 2 })) : nothing
}

const isBlockSign = (value: string) => /^[|>][-+\d]{0,2}$/.test(value)

function openNamed(name: string, toBlock: (kind: SecretKind) => Block): Step {
  const says = name.length <= 128 ? classifyName(name) : undefined
  return says?.is === 'strong' || says?.is === 'token' ? { spans: [], open: toBlock(says.kind) } : nothing
}

function openKey(line: string, start: number): Step {
  const end = armourEnd.exec(line)
  const stop = end === null ? line.length : end.index + end[0].length
  const span: SecretSpan = { start, end: stop, kind: 'private key' }
  return { spans: [span], open: end === null ? { is: 'key', column: start, misses: 0 } : undefined }
}

function continueLine(line: string, open: Block, isSecretKind: boolean): Step {
  switch (open.is) {
    case 'key':
      return continueKey(line, open)
    case 'lines':
      return {
        spans: [{ start: Math.min(open.column, line.length), end: line.length }],
        open: open.count > 1 ? { ...open, count: open.count - 1 } : undefined,
      }
    case 'value':
      return continueValue(line, open, isSecretKind)
    case 'next':
      return continueNext(line, open, isSecretKind)
    case 'block': {
      if (line.trim() !== '' && indentOf(line) <= open.indent) return openLine(line, isSecretKind)
      const indent = indentOf(line)
      return { spans: line.trim() === '' ? [] : [{ start: indent, end: line.length, kind: open.kind }], open }
    }
    case 'data':
      return continueData(line, open, isSecretKind)
  }
}

const bodyAtColumn = /^[\w+/=,:. -]*\r?$/
const isBodyCode = (code: number) =>
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x2f && code <= 0x39) ||
  code === 0x2b ||
  code === 0x3d

/** Characters of a key at the end of a line whose beginning is something else. */
const minBodyChars = 32

/** Returns where the part of a key begins that a line ends with; undefined where there is none. */
function findBodyAtEnd(line: string): number | undefined {
  const end = line.length - (/(?:\\[nr]|[",\r]){1,8}$/.exec(line.slice(-16))?.[0].length ?? 0)
  let start = end
  while (start > 0 && isBodyCode(line.charCodeAt(start - 1))) start -= 1
  return end - start >= minBodyChars ? start : undefined
}

function continueKey(line: string, open: Extract<Block, { is: 'key' }>): Step {
  const end = armourEnd.exec(line)
  // With a prefix on each line, the key's own part begins where its first line began.
  const column = Math.min(open.column, line.length)
  if (end !== null)
    return { spans: [{ start: Math.min(column, end.index), end: end.index + end[0].length }], open: undefined }
  const begin = armourBegin.exec(line)
  if (begin !== null) return openKey(line, begin.index)
  const rest = line.slice(column)
  if (rest === '') return { spans: [], open }
  if (bodyAtColumn.test(rest) && (!/\w .*\w/.test(rest) || /^[A-Z][\w-]+: /.test(rest)))
    return { spans: [{ start: column, end: line.length }], open: { ...open, misses: 0 } }
  const run = findBodyAtEnd(line)
  if (run !== undefined) return { spans: [{ start: run, end: line.length }], open: { ...open, misses: 0 } }
  if (open.misses >= maxMisses) return openLine(line, false)
  return { spans: [], open: { ...open, misses: open.misses + 1 } }
}

function continueValue(line: string, open: Extract<Block, { is: 'value' }>, isSecretKind: boolean): Step {
  const entry = readEntry(line)
  if (entry === undefined || !/^val(?:ue)?$/i.test(entry.name)) {
    const opened = openLine(line, isSecretKind)
    if (opened.open !== undefined || open.left <= 1) return opened
    return { spans: [], open: { ...open, left: open.left - 1 } }
  }
  const { value, start, indent } = entry
  if (isBlockSign(value)) return { spans: [], open: { is: 'block', indent, kind: open.kind } }
  return { spans: isPlaceholder(value) ? [] : [{ start, end: start + value.length, kind: open.kind }], open: undefined }
}

/** Hides a value alone on the line after its name: one word that no list of words has, deeper than the name. */
function continueNext(line: string, open: Extract<Block, { is: 'next' }>, isSecretKind: boolean): Step {
  const indent = indentOf(line)
  const value = line.slice(indent).trimEnd().replace(/,$/, '')
  const [, quote = ''] = /^(["']).*\1$/.exec(value) ?? []
  const word = quote === '' ? value : value.slice(1, -1)
  if (
    indent <= open.indent ||
    line.length > maxEntryChars ||
    /[\s:]/.test(word) ||
    isPlaceholder(word) ||
    !isNoWord(word)
  )
    return openLine(line, isSecretKind)
  const start = indent + quote.length
  return { spans: [{ start, end: start + word.length, kind: open.kind }], open: undefined }
}

function continueData(line: string, open: Extract<Block, { is: 'data' }>, isSecretKind: boolean): Step {
  const entry = readEntry(line)
  if (entry === undefined || entry.indent <= open.indent) return openLine(line, isSecretKind)
  const { value, start, indent } = entry
  if (isBlockSign(value) && open.isSecret) return { spans: [], open: { is: 'block', indent, kind: 'secret' } }
  const isHidden = value !== '' && (open.isSecret ? !isCertificate(value) : isSecretData(value))
  return { spans: isHidden ? [{ start, end: start + value.length, kind: 'secret' }] : [], open }
}

const isCertificate = (value: string) =>
  value.startsWith('LS0tLS1CRUdJTiBDRVJUSUZJQ0FUR') || value.startsWith('LS0tLS1CRUdJTiBQVUJMSUMg')

/** Returns true for base64 as a Secret has it: of a printable text, or long. */
function isSecretData(value: string): boolean {
  if (value.length < 8 || value.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(value) || isCertificate(value))
    return false
  const decoded = Buffer.from(value.slice(0, 400), 'base64').toString('latin1')
  return /^[\t\n\r\x20-\x7e]{3,}$/.test(decoded)
}

const inlineData = /\\{0,3}"(?:data|stringData)\\{0,3}":[ \t]*\{([^{}\n]{0,65536})\}/g
const inlineEntry = /(\\{0,3}"[\w.-]{1,253}\\{0,3}":[ \t]*\\{0,3}")([^"\\\n]+)/g
const inlineKind = /\\{0,3}"kind\\{0,3}":[ \t]*\\{0,3}"Secret\\{0,3}"/

/** Finds the data of a Secret in JSON on one line, also where that JSON is itself a text in JSON. */
export function findInlineSecretData(text: string): SecretSpan[] {
  if (!inlineKind.test(text)) return []
  return [...text.matchAll(inlineData)].flatMap((match) => {
    const lineStart = text.lastIndexOf('\n', match.index) + 1
    const newline = text.indexOf('\n', match.index)
    if (!inlineKind.test(text.slice(lineStart, newline === -1 ? text.length : newline))) return []
    const start = match.index + match[0].length - 1 - (match[1] ?? '').length
    return [...(match[1] ?? '').matchAll(inlineEntry)].flatMap((entry) => {
      const [, name = '', value = ''] = entry
      const from = start + entry.index + name.length
      return isCertificate(value)
        ? []
        : [{ start: from, end: from + value.length, kind: 'secret' } satisfies SecretSpan]
    })
  })
}
