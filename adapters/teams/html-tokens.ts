/** Piece of a message: text without entities, or a tag. */
export type Markup =
  | { kind: 'text'; text: string }
  | { kind: 'open' | 'close' | 'empty'; name: string; attribute: (name: string) => string }

/**
 * Reads HTML. `known`: names of the tags that are read; others stay text, as in a message where people may have typed `<none>`. What follows a tag
 * that has no end is left out. Takes time in proportion to the length.
 */
export function* readMarkup(source: string, known?: ReadonlySet<string>): Generator<Markup> {
  let at = 0
  while (at < source.length) {
    const found = source.indexOf('<', at)
    const start = found === -1 ? source.length : found
    if (start > at) yield { kind: 'text', text: decodeEntities(source.slice(at, start)) }
    if (start === source.length) return
    const tag = readTag(source, start, known)
    if (tag === undefined) {
      yield { kind: 'text', text: '<' }
      at = start + 1
    } else if (tag.end === undefined) return
    else {
      if (tag.name !== '') yield toMarkup(tag.name, source.slice(start, tag.end))
      at = tag.end
    }
  }
}

/** Tag at an index: its name, '' for a comment, and the index behind it. */
type Tag = { name: string; end: number | undefined }

/** Returns undefined for what is no tag, or none that is known: its end isn't searched, so that many take linear time. */
function readTag(source: string, start: number, known: ReadonlySet<string> | undefined): Tag | undefined {
  if (source.startsWith('<!--', start)) {
    const end = source.indexOf('-->', start)
    return { name: '', end: end === -1 ? undefined : end + 3 }
  }
  const [, name = ''] = /^<\/?([a-z][a-z0-9]*)/i.exec(source.slice(start, start + maxNameChars)) ?? []
  const lowerName = name.toLowerCase()
  const isTag = name !== '' && known?.has(lowerName) !== false
  return isTag ? { name: lowerName, end: endOfTag(source, start) } : undefined
}

const maxNameChars = 30

function endOfTag(source: string, start: number): number | undefined {
  let quote: string | undefined
  for (let at = start; at < source.length; at += 1) {
    const char = source[at]
    if (quote === undefined && char === '>') return at + 1
    if (char === quote) quote = undefined
    else if (quote === undefined && (char === '"' || char === "'")) quote = char
  }
  return undefined
}

function toMarkup(name: string, written: string): Markup {
  const tag = written.replaceAll(/\s/g, ' ')
  const attribute = (key: string) => {
    const [, text = ''] = tag.split(` ${key}="`, 2)
    const [value = ''] = text.split('"', 1)
    return decodeEntities(value)
  }
  if (tag.startsWith('</')) return { kind: 'close', name, attribute }
  return { kind: tag.endsWith('/>') || emptyTags.has(name) ? 'empty' : 'open', name, attribute }
}

const emptyTags: ReadonlySet<string> = new Set(['br', 'hr', 'img', 'input', 'wbr'])

/** Entities by name: those of HTML's syntax, and of the typography that phones apply. */
const namedEntities: Readonly<Record<string, string>> = {
  ...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0', shy: '\u00ad' },
  ...{ ndash: '–', mdash: '—', lsquo: '‘', rsquo: '’', sbquo: '‚', ldquo: '“', rdquo: '”', bdquo: '„' },
  ...{ hellip: '…', bull: '•', middot: '·', copy: '©', reg: '®', sect: '§', deg: '°', euro: '€' },
  ...{ ensp: '\u2002', emsp: '\u2003', thinsp: '\u2009', zwnj: '\u200c', zwj: '\u200d' },
}

const entity = /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,6}));/gi

/** Decodes entities, each once: `&amp;lt;` is the text `&lt;`. Leaves unknown ones as they are. */
export function decodeEntities(text: string): string {
  return text.replaceAll(entity, (written: string, decimal?: string, hexadecimal?: string, name?: string) => {
    if (name !== undefined) return namedEntities[name] ?? written
    const code = decimal === undefined ? Number.parseInt(hexadecimal ?? '', 16) : Number(decimal)
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code).toWellFormed() : written
  })
}
