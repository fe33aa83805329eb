import { createHash } from 'node:crypto'

/** Returns a number from 0 to less than 1, the same sequence for the same seed. */
export type Random = () => number

/** Creates a generator of reproducible random numbers (mulberry32) for a seed and a name. */
export function createRandom(seed: number, name: string): Random {
  let state = createHash('sha256').update(`${seed}/${name}`).digest().readUInt32LE()
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const lower = 'abcdefghijklmnopqrstuvwxyz'
const upper = lower.toUpperCase()
const digits = '0123456789'

const alphabets: Readonly<Record<string, string>> = {
  digits,
  letters: lower + upper,
  lower: lower + digits,
  upper: upper + digits,
  az: lower,
  alnum: lower + upper + digits,
  hex: `${digits}abcdef`,
  HEX: `${digits}ABCDEF`,
  url: `${lower}${upper}${digits}_-`,
  base32: `${upper}234567`,
  bech32: 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L',
  crypt: `${lower}${upper}${digits}./`,
  symbols: `${lower}${upper}${digits}!#%^*_+=.?`,
}

const pick = (random: Random, alphabet: string) => alphabet.charAt(Math.floor(random() * alphabet.length))

function randomBytes(random: Random, count: number): Buffer {
  return Buffer.from(Array.from({ length: count }, () => Math.floor(random() * 256)))
}

const uuid = (random: Random) =>
  randomBytes(random, 16)
    .toString('hex')
    .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-a$4-$5')

const base62 = `${digits}${upper}${lower}`

/** Returns the six characters of base 62 that end GitHub's and npm's tokens: the CRC-32 of the text before. */
function checksum(text: string): string {
  let crc = 0xffffffff
  for (const byte of Buffer.from(text)) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1))
  }
  let value = (crc ^ 0xffffffff) >>> 0
  let encoded = ''
  for (let at = 0; at < 6; at += 1) {
    encoded = base62.charAt(value % 62) + encoded
    value = Math.floor(value / 62)
  }
  return encoded
}

/** Encodings of texts. */
const encoders: Readonly<Record<string, (text: string) => string>> = {
  base64of: (text) => Buffer.from(text).toString('base64'),
  urlof: (text) => Buffer.from(text).toString('base64url'),
  percentof: encodeURIComponent,
}

function randomPart(random: Random, kind: string, length: number): string {
  if (kind === 'uuid') return uuid(random)
  // A multiple of four characters, with the padding that the length in bytes asks for.
  if (kind === 'bytes') return randomBytes(random, length).toString('base64')
  if (kind === 'base64') return randomBytes(random, length).toString('base64').slice(0, length)
  const alphabet = alphabets[kind]
  if (alphabet === undefined) throw new Error(`there is no alphabet "${kind}"`)
  // As programs that make passwords do: at least one digit and one letter where the alphabet has both.
  for (;;) {
    const text = Array.from({ length }, () => pick(random, alphabet)).join('')
    if (length < 8 || !/\d/.test(alphabet) || !/[a-z]/i.test(alphabet)) return text
    if (/\d/.test(text) && /[a-z]/i.test(text)) return text
  }
}

/**
 * Fills a template in: `⟨alphabet:length⟩` is a random text, `⟨crc⟩` the checksum of the text before it since the last
 * blank, `⟨base64of:TEMPLATE⟩` an encoded text.
 */
export function fill(template: string, random: Random): string {
  let text = template
  for (;;) {
    const innermost = /⟨(\w+)(?::([^⟨⟩]*))?⟩/.exec(text)
    if (innermost === null) return text
    const [all, kind = '', rest = ''] = innermost
    const before = text.slice(0, innermost.index)
    const encode = encoders[kind]
    const part =
      kind === 'crc'
        ? checksum(/[^\s=«]*$/.exec(before)?.[0] ?? '')
        : (encode?.(rest) ?? randomPart(random, kind, Number(rest)))
    text = before + part + text.slice(innermost.index + all.length)
  }
}
