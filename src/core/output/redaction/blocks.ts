import { classifyName } from './secret-names.ts'
import type { SecretKind, Span } from './span.ts'
import { isPlaceholder } from './value-form.ts'

/**
 * What is open at the end of a line. Plain JSON: another worker may continue it. `block`: a secret that goes on in the next line. `manifest`: the lines
 * that may still belong to a Secret of Kubernetes, whose data is secret.
 */
export type OpenSecret = { block?: Block; manifest?: number }

/**
 * Secret that goes on in the next line. `key`: the armour of a private key began at `column`; `misses` lines in a row had nothing of it. `lines`: so many lines more are secret.
 * `value`: a name came, its value is next. `block`: deeper lines than `indent` are its value. `data`: deeper lines are a Secret's data.
 */
type Block =
  | { is: 'key'; column: number; misses: number }
  | { is: 'lines'; column: number; count: number }
  | { is: 'value'; kind: SecretKind; left: number }
  | { is: 'block'; indent: number; kind: SecretKind }
  | { is: 'data'; indent: number; isSecret: boolean }

const armourBegin = /-{4,5} ?BEGIN [A-Za-z0-9 ]{0,40}(?:PRIVATE KEY(?: BLOCK)?|Static key V\d) ?-{4,5}/
const armourEnd = /-{4,5} ?END [A-Za-z0-9 ]{0,40}(?:PRIVATE KEY(?: BLOCK)?|Static key V\d) ?-{4,5}/
/** Lines at which a secret may begin that goes on in the next. */
const opening =
  /BEGIN [A-Za-z0-9 ]{0,40}(?:PRIVATE KEY|Static key V)|Private-Lines: |^[ \t]*-?[ \t]*"?(?:name|Name|key|Key)"?[ \t]*:[ \t]*"?[\w.-]|:[ \t]*[|>][-+]?\d?[ \t]*$|^[ \t]*"?(?:data|stringData)"?:[ \t]*\{?[ \t]*$|^[ \t]*(?:- )?"?kind"?:[ \t]*"?Secret\b/gm

/** Lines without anything of a key after which its end isn't waited for any more. */
const maxMisses = 3

/** Result of reading one line: what is hidden of it, and what goes on after it. */
type Step = { spans: Span[]; open: Block | undefined }

/** Lines of a Secret of Kubernetes in which its data is expected. */
const manifestLines = 200

/** Finds secrets that span lines, beginning with what is open; returns what is open at the end. */
export function findBlocks(text: string, before: OpenSecret = {}): { spans: Span[]; open: OpenSecret } {
  const spans: Span[] = []
  let { block, manifest = 0 } = before
  for (let at = 0; at < text.length; ) {
    if (block === undefined && manifest === 0) {
      opening.lastIndex = at
      const found = opening.exec(text)
      if (found === null) break
      at = text.lastIndexOf('\n', found.index - 1) + 1
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
  return { spans, open: { ...(block === undefined ? {} : { block }), ...(manifest === 0 ? {} : { manifest }) } }
}

/** Returns how many more lines may belong to a Secret. */
function linesLeft(line: string, before: number): number {
  const kind = /^[ \t]*(?:- )?"?kind"?:[ \t]*"?(\w+)/.exec(line)
  if (kind !== null) return kind[1] === 'Secret' ? manifestLines : 0
  return line === '---' ? 0 : Math.max(0, before - 1)
}

const nothing: Step = { spans: [], open: undefined }
const indentOf = (line: string) => /^[ \t]*(?:- )?/.exec(line)?.[0].length ?? 0

function openLine(line: string, isSecretKind: boolean): Step {
  const begin = armourBegin.exec(line)
  if (begin !== null) return openKey(line, begin.index)
  const count = /Private-Lines: (\d{1,3})/.exec(line)
  if (count !== null) return { spans: [], open: { is: 'lines', column: count.index, count: Number(count[1]) } }
  const data = /^[ \t]*"?(data|stringData)"?:[ \t]*\{?[ \t]*$/.exec(line)
  if (data !== null)
    return {
      spans: [],
      open: { is: 'data', indent: indentOf(line), isSecret: isSecretKind || data[1] === 'stringData' },
    }
  const block = /([\w.-]{1,64})["']?:[ \t]*[|>][-+]?\d?[ \t]*$/.exec(line)
  const blockName = block === null ? undefined : classifyName(block[1] ?? '')
  if (blockName?.is === 'strong' || blockName?.is === 'token')
    return { spans: [], open: { is: 'block', indent: indentOf(line), kind: blockName.kind } }
  const named = /^[ \t]*-?[ \t]*"?(?:name|Name|key|Key)"?[ \t]*:[ \t]*"?([\w.-]{1,64})"?,?[ \t]*$/.exec(line)
  const says = named === null ? undefined : classifyName(named[1] ?? '')
  if (says?.is === 'strong' || says?.is === 'token')
    return { spans: [], open: { is: 'value', kind: says.kind, left: 2 } }
  return nothing
}

function openKey(line: string, start: number): Step {
  const end = armourEnd.exec(line)
  const stop = end === null ? line.length : end.index + end[0].length
  const span: Span = { start, end: stop, kind: 'private key' }
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
const bodyAtEnd = /(?<![\w+/=])[A-Za-z0-9+/]{32,}={0,2}[\\nr",]*$/

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
  const run = bodyAtEnd.exec(line)
  if (run !== null) return { spans: [{ start: run.index, end: line.length }], open: { ...open, misses: 0 } }
  if (open.misses >= maxMisses) return openLine(line, false)
  return { spans: [], open: { ...open, misses: open.misses + 1 } }
}

const valueLine = /^[ \t]*-?[ \t]*"?(?:value|Value|val)"?[ \t]*:[ \t]*(["']?)([^\n]*?)\1,?[ \t]*$/

function continueValue(line: string, open: Extract<Block, { is: 'value' }>, isSecretKind: boolean): Step {
  const match = valueLine.exec(line)
  if (match === null) {
    const opened = openLine(line, isSecretKind)
    if (opened.open !== undefined || open.left <= 1) return opened
    return { spans: [], open: { ...open, left: open.left - 1 } }
  }
  const [, quote = '', value = ''] = match
  const start = line.indexOf(quote + value, line.indexOf(':')) + quote.length
  return { spans: isPlaceholder(value) ? [] : [{ start, end: start + value.length, kind: open.kind }], open: undefined }
}

const dataEntry = /^[ \t]+"?[\w.-]{1,253}"?:[ \t]*"?([^"\n]*?)"?,?[ \t]*$/

function continueData(line: string, open: Extract<Block, { is: 'data' }>, isSecretKind: boolean): Step {
  const entry = dataEntry.exec(line)
  if (entry === null || indentOf(line) <= open.indent) return openLine(line, isSecretKind)
  const value = entry[1] ?? ''
  const block = /^[|>][-+]?\d?$/.test(value)
  if (block && open.isSecret) return { spans: [], open: { is: 'block', indent: indentOf(line), kind: 'secret' } }
  const isHidden = value !== '' && !block && (open.isSecret ? !isCertificate(value) : isSecretData(value))
  const start = line.lastIndexOf(value)
  return { spans: isHidden ? [{ start, end: start + value.length, kind: 'secret' }] : [], open }
}

const isCertificate = (value: string) =>
  value.startsWith('LS0tLS1CRUdJTiBDRVJUSUZJQ0FUR') || value.startsWith('LS0tLS1CRUdJTiBQVUJMSUMg')

/** Returns true for base64 as a Secret has it: of a printable text, or long. */
export function isSecretData(value: string): boolean {
  if (value.length < 8 || value.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(value) || isCertificate(value))
    return false
  const decoded = Buffer.from(value.slice(0, 400), 'base64').toString('latin1')
  return /^[\t\n\r\x20-\x7e]{3,}$/.test(decoded)
}

const inlineData = /\\{0,3}"(?:data|stringData)\\{0,3}":[ \t]*\{([^{}\n]{0,65536})\}/g
const inlineEntry = /(\\{0,3}"[\w.-]{1,253}\\{0,3}":[ \t]*\\{0,3}")([^"\\\n]+)/g
const inlineKind = /\\{0,3}"kind\\{0,3}":[ \t]*\\{0,3}"Secret\\{0,3}"/

/** Finds the data of a Secret in JSON on one line, also where that JSON is itself a text in JSON. */
export function findInlineSecretData(text: string): Span[] {
  if (!inlineKind.test(text)) return []
  return [...text.matchAll(inlineData)].flatMap((match) => {
    const lineStart = text.lastIndexOf('\n', match.index) + 1
    const newline = text.indexOf('\n', match.index)
    if (!inlineKind.test(text.slice(lineStart, newline === -1 ? text.length : newline))) return []
    const start = match.index + match[0].length - 1 - (match[1] ?? '').length
    return [...(match[1] ?? '').matchAll(inlineEntry)].flatMap((entry) => {
      const [, name = '', value = ''] = entry
      const from = start + entry.index + name.length
      return isCertificate(value) ? [] : [{ start: from, end: from + value.length, kind: 'secret' } satisfies Span]
    })
  })
}
