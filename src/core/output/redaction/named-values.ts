import { isExpression, isNoWord, isObjectName, isPath, isPlaceholder, isRandom } from './classify-value.ts'
import { classifyName, type NameClass, nameHint, type SecretName } from './secret-names.ts'
import type { SecretSpan } from './secret-span.ts'

/** Maximum characters of a name on each side of the word that it was found by, and of the text before it that is looked at. */
const maxNameChars = 64

/** Found name, with the text around it. */
type Found = { text: string; start: number; end: number; name: string; says: SecretName; lineEnd: number }

/** Value after a name. `loose`: the sign between them doesn't say that it is one. */
type Value = { start: number; end: number; loose?: boolean; isQuoted?: boolean }

const isNameCode = (code: number) =>
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x30 && code <= 0x39) ||
  code === 0x5f ||
  code === 0x2d ||
  code === 0x2e ||
  code > 0xbf

const lineEndAfter = (text: string, at: number) => {
  const end = text.indexOf('\n', at)
  return end === -1 ? text.length : end
}

/** Characters after a name in which its value is judged: none that is longer is a word, a path or a name. */
const maxJudgedChars = 700

/** Finds the values of names of secrets, in the syntaxes of configuration files, programs, headers, addresses and command lines. */
export function findNamedValues(text: string): SecretSpan[] {
  const spans: SecretSpan[] = []
  let lineEnd = -1
  nameHint.lastIndex = 0
  for (let hint = nameHint.exec(text); hint !== null; hint = nameHint.exec(text)) {
    const found = readName(text, hint.index, nameHint.lastIndex)
    // A name may have several hints.
    nameHint.lastIndex = Math.max(nameHint.lastIndex, found.end)
    const says = classifyName(found.name, wordBefore(text, found.start))
    if (says === undefined) continue
    if (lineEnd < found.end) lineEnd = lineEndAfter(text, found.end)
    const judgedEnd = Math.min(lineEnd, found.end + maxJudgedChars)
    for (const span of findValues({ text, ...found, says, lineEnd: judgedEnd })) {
      const end = span.end === judgedEnd && judgedEnd < lineEnd ? endOfLongValue(text, judgedEnd) : span.end
      spans.push({ ...span, end })
      // What is hidden isn't searched again, so that a line takes linear time however many names it has.
      nameHint.lastIndex = Math.max(nameHint.lastIndex, end)
    }
  }
  return spans
}

const longValueEnd = /[\s"'<>`␀]/g

function endOfLongValue(text: string, at: number): number {
  longValueEnd.lastIndex = at
  return longValueEnd.exec(text)?.index ?? text.length
}

function readName(text: string, hintStart: number, hintEnd: number): { start: number; end: number; name: string } {
  let start = hintStart
  while (start > 0 && hintStart - start < maxNameChars && isNameCode(text.charCodeAt(start - 1))) start -= 1
  let end = hintEnd
  while (end < text.length && end - hintEnd < maxNameChars && isNameCode(text.charCodeAt(end))) end += 1
  // The letter of an escape (`\npassword`) and the digits of an encoded character (`%22password`) are no part of the name.
  const before = text.charCodeAt(start - 1)
  if (before === 0x5c && start < hintStart && /[nrt]/.test(text.charAt(start))) start += 1
  if (before === 0x25 && start + 2 <= hintStart) start += 2
  // A sentence's full stop, a dash.
  while (end > hintEnd && /[.-]/.test(text.charAt(end - 1))) end -= 1
  return { start, end, name: text.slice(start, end) }
}

/** Returns the word before a name, as in "public key". */
function wordBefore(text: string, start: number): string {
  let at = start
  if (text.charAt(at - 1) !== ' ') return ''
  at -= 1
  const end = at
  while (at > 0 && end - at < 20 && isNameCode(text.charCodeAt(at - 1))) at -= 1
  return text.slice(at, end)
}

function findValues(found: Found): SecretSpan[] {
  const { says } = found
  if (says.is === 'credentials') return findCredentials(found)
  const value = findPairValue(found) ?? findAssigned(found) ?? findFlagValue(found) ?? findLoose(found)
  if (value === undefined) return []
  if (says.is === 'cookie') return value.loose === true ? [] : findCookies(found, value)
  const start = skipEncodingName(found.text, value)
  return isSecret(found, found.text.slice(start, value.end), value) ? [{ start, end: value.end, kind: says.kind }] : []
}

/** Laravel's keys begin with the name of their encoding. */
function skipEncodingName(text: string, { start }: Value): number {
  return text.startsWith('base64:', start) ? start + 'base64:'.length : start
}

const quotes = /\\{0,7}["'`]|&quot;|&#34;|%22|%27/y
const assignment =
  /(?:\\{0,7}["'`]|&quot;|&#34;|%22|%27)?[\])]?(?: {1,4}\d{1,2})?[ \t]{0,40}(?:=>|->|→|:=|==?|::?|%3A|%3D)[ \t]{0,60}\[?/iy
const element = /(?:[ \t][^<>\n]{0,120})?(?:>|&gt;)/y
const spaces = /[ \t]{1,60}/y
const nameOfPair =
  /(?:name|key|field|id|property)\\{0,7}(?:["']|&quot;)?[ \t]{0,4}[=:][ \t]{0,4}\\{0,7}(?:["']|&quot;)?[\w./-]{0,20}$/i
const pairMiddle =
  /(?:(?:\\{0,7}["']|&quot;)[ \t]{0,10},?|,)(?:[ \t]{0,10}(?:\\{0,7}["']|&quot;)?(?:value|val)(?:\\{0,7}["']|&quot;)?[ \t]{0,4}[=:][ \t]{0,10}|>)/iy

function matchAt(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  const match = pattern.exec(text)
  return match === null ? -1 : at + match[0].length
}

/** Reads a value in quotes, up to the same quotes; undefined where there are none. */
function readQuoted(text: string, at: number, lineEnd: number): Value | undefined {
  const start = matchAt(quotes, text, at)
  if (start === -1 || start > lineEnd) return undefined
  const quote = text.slice(at, start)
  const rest = text.slice(start, lineEnd)
  let end = rest.indexOf(quote)
  // A quote with a backslash before it belongs to the value.
  while (end > 0 && quote.length === 1 && rest.charAt(end - 1) === '\\') end = rest.indexOf(quote, end + 1)
  return { start, end: end === -1 ? lineEnd : start + end, isQuoted: true }
}

const bareEnd = /[\s"'<>`␀)}\]]|%2[26]|&(?:quot|amp|lt);|\\[nrt"]/
const separator = /[,;&](?=[ \t]{0,4}(?:["'{[]|[\w .-]{1,60}[=:]|$)|[\s"')}\]])/

/** Reads a value without quotes, up to white space, a bracket, or a sign after which the next pair begins. */
function readBare(text: string, start: number, lineEnd: number): Value {
  const rest = text.slice(start, lineEnd)
  const end = rest.search(bareEnd)
  // What ends the value is looked at, since a sign before it belongs to the text around.
  const value = end === -1 ? rest : rest.slice(0, end)
  const sign = value.search(separator)
  return { start, end: start + (sign === -1 ? value.length : sign) }
}

/** Finds the value of `{"name": "DB_PASSWORD", "value": "…"}` and `<add key="Password" value="…"/>`, in which the name is itself a value. */
function findPairValue({ text, start, end, lineEnd }: Found): Value | undefined {
  const at = matchAt(pairMiddle, text, end)
  if (at === -1 || at > lineEnd || !nameOfPair.test(text.slice(Math.max(0, start - 30), start))) return undefined
  const quoted = readQuoted(text, at, lineEnd)
  if (quoted !== undefined) return quoted
  if (text.charAt(at - 1) !== '>') return readBare(text, at, lineEnd)
  const close = text.indexOf('<', at)
  return { start: at, end: close === -1 || close > lineEnd ? lineEnd : close }
}

/** Finds the value of `NAME=…`, `"name": "…"`, `name: …`, `name => …`, `<name>…</name>`. */
function findAssigned({ text, start, end, lineEnd }: Found): Value | undefined {
  if (/(?:<|&lt;)(?:[\w-]{1,20}:)?$/.test(text.slice(Math.max(0, start - 26), start))) {
    const at = matchAt(element, text, end)
    if (at !== -1 && at <= lineEnd) {
      const close = text.slice(at, lineEnd).search(/<\/|&lt;\//)
      return close === -1 ? undefined : { start: at, end: at + close }
    }
  }
  const at = matchAt(assignment, text, end)
  if (at === -1 || at > lineEnd) return undefined
  if (isInQuotes(text, start, end, at)) return undefined
  const quoted = readQuoted(text, at, lineEnd)
  if (quoted !== undefined) return quoted
  return isWholeLine(text, start, end, at) ? readToLineEnd(text, at, lineEnd) : readBare(text, at, lineEnd)
}

/** Returns true for `"name:"`, in which the quote after the sign ends what began before the name. */
function isInQuotes(text: string, start: number, end: number, at: number): boolean {
  const quote = text.charAt(start - 1)
  return /["'`]/.test(quote) && text.charAt(at) === quote && !text.slice(end, at).includes(quote)
}

/** Returns true for `name: …` that begins its line: its value may have spaces. */
function isWholeLine(text: string, start: number, end: number, at: number): boolean {
  if (!/^:[ \t]/.test(text.slice(end, at))) return false
  let before = start
  while (start - before < maxIndent && isIndent(text.charCodeAt(before - 1))) before -= 1
  return before === 0 || text.charCodeAt(before - 1) === 0x0a
}

/** Spaces and dashes before a name that begins its line. */
const maxIndent = 80
const isIndent = (code: number) => code === 0x20 || code === 0x09 || code === 0x2d

function readToLineEnd(text: string, start: number, lineEnd: number): Value {
  const rest = text.slice(start, lineEnd)
  const comment = rest.search(/[ \t](?:#|Optional:)/)
  const value = (comment === -1 ? rest : rest.slice(0, comment)).trimEnd()
  const [first = ''] = value.split(/\s/, 1)
  if (/^\d+ (?:bytes?|characters)$/.test(value)) return { start, end: start }
  const isSentence = isPlaceholder(first) || /^\w+: /.test(value)
  return { start, end: start + (isSentence ? first.length : value.length) }
}

/** Finds the value of `--name …`. */
function findFlagValue({ text, start, end, name, lineEnd }: Found): Value | undefined {
  if (!name.startsWith('-') || !/\s|^$/.test(text.charAt(start - 1))) return undefined
  const at = matchAt(spaces, text, end)
  if (at === -1 || at >= lineEnd || text.charAt(at) === '-') return undefined
  return readQuoted(text, at, lineEnd) ?? readBare(text, at, lineEnd)
}

const someWords = /[ \t](?:\w{1,12}[ \t]){1,4}(?:is|to|=)[ \t]{1,4}/y
const looseMiddle =
  /(?:["'`]?\][ \t]{0,4}|["'`][ \t]{0,4},|[ \t]{1,60}(?:(?:is|was|of|for|to|\|)(?=[ \t:=]))?[:=]?[ \t]{0,60}|[ \t]{0,40}\|[ \t]{0,40})(?:[0-9][ \t])?/y

const restOfSentence = /[ \t][^\n:]{1,80}:[ \t]{1,4}(?=\S{1,200}[ \t]*$)/my

/** Finds the value after a name in a sentence, a column or a configuration file without signs. */
function findLoose({ text, start: nameStart, end, lineEnd }: Found): Value | undefined {
  // A reference to a variable.
  if (/[${]/.test(text.charAt(nameStart - 1))) return undefined
  const afterSentence = matchAt(restOfSentence, text, end)
  const afterWords = afterSentence === -1 ? matchAt(someWords, text, end) : afterSentence
  const at = afterWords === -1 ? matchAt(looseMiddle, text, end) : afterWords
  if (at === -1 || at >= lineEnd) return undefined
  const skipped = matchAt(spaces, text, at)
  const start = skipped === -1 ? at : skipped
  const value = readQuoted(text, start, lineEnd) ?? readBare(text, start, lineEnd)
  return { ...value, loose: true }
}

/** Value, and how its name is written. `isQuery`: in an address. */
type Judged = { value: string; name: string; isQuery: boolean; isAssigned: boolean; isPassword: boolean }

const smallNumber = /^.{1,2}$|^\d{1,7}(?:\.\d+)?[smhd]?$/
const isName = (value: string) => isPath(value) || isObjectName(value)

/** What makes a value after a sign a secret, by what its name says of it. */
const judges: Readonly<Record<NameClass, (judged: Judged) => boolean>> = {
  strong: ({ value, isPassword }) => !isPath(value) && (isPassword || !smallNumber.test(value)),
  token({ value, name, isQuery, isAssigned }) {
    if (isPath(value) || /^[\d.,]+[smhdkKMG]?$/.test(value)) return false
    if (isAssigned && (isQuery || /^[A-Z_\d]+$/.test(name))) return true
    if (name.startsWith('--')) return !isObjectName(value)
    return isRandom(value, 8) || (/^[\w.~+/=:%-]{16,}$/.test(value) && !isObjectName(value))
  },
  weak: ({ value }) => isRandom(value, 16) && !isName(value),
  mixed: ({ value, isQuery }) =>
    isRandom(value, isQuery ? 16 : 20) && (isQuery || hasBothCases(value)) && !isName(value),
  query: ({ value, name, isQuery }) =>
    isQuery ? value.length >= 20 || isRandom(value, 16) : name.length > maxShortName && isRandom(value, 16),
  pin: ({ value }) => /^\d{4,8}$/.test(value),
  credentials: () => false,
  cookie: () => false,
}

/** Returns true if a value is a secret, by what its name says of it. */
function isSecret(found: Found, value: string, { loose, isQuoted }: Value): boolean {
  if (isPlaceholder(value)) return false
  const { text, start, end, name, says } = found
  if (loose === true) return isSecretInSentence(found, value, isQuoted === true)
  if (isQuoted !== true && isExpression(value)) return false
  const isPassword = says.kind === 'password'
  // The parts of an address are looked at by themselves.
  if (!isPassword && /^[a-z][a-z+.-]{1,20}:\/\/[^\s@]*$/i.test(value)) return false
  const isQuery = /[?&#;]/.test(text.charAt(start - 1))
  return judges[says.is]({ value, name, isQuery, isAssigned: text.charAt(end) === '=', isPassword })
}

/** Names up to this long ("sig", "code") mean a secret only in an address. */
const maxShortName = 8

/** Digests and ids have letters of one case. */
const hasBothCases = (value: string) => /[a-z]/.test(value) && /[A-Z]/.test(value)

function isSecretInSentence({ text, start, says, lineEnd, name }: Found, value: string, isQuoted: boolean): boolean {
  if (says.is !== 'strong' && says.is !== 'token')
    return says.is === 'mixed' && isRandom(value, 16) && hasBothCases(value) && /\d/.test(value)
  if (isPath(value) || (isObjectName(value) && !isQuoted)) return false
  if (isRandom(value, 8)) return !isObjectName(value)
  // "pass" is a verb too, and words beside each other in a list are no pair.
  if (says.kind !== 'password' || /^pass$/i.test(name) || /["'`],/.test(text.slice(start, start + name.length + 4)))
    return false
  if (isQuoted) return isNoWord(value)
  // The last word of a short line.
  const isLast = text.slice(text.indexOf(value, start) + value.length, lineEnd).trim().length <= 1
  return isLast && isNoWord(value) && value.length >= 6 && name !== ''
}

const scheme = /(?:[A-Za-z][\w-]{0,40}(?:[:=][ \t]{0,4}|[ \t]{1,8}))/y
const oneValueSchemes =
  /^(?:bearer|basic|token|apikey|api-key|api-token|key|splunk|geniekey|ssws|bot|negotiate|ntlm|kerberos|jwt|pat|oauth2?|discogs)[\s:=]/i

/** Finds the credentials of an `Authorization` header: the text after the name of the scheme. */
function findCredentials({ text, start, end, lineEnd, says }: Found): SecretSpan[] {
  const at = matchAt(assignment, text, end)
  if (at === -1 || at > lineEnd) return []
  const quoted = readQuoted(text, at, lineEnd)
  const opener = /["'`]/.exec(text.charAt(start - 1))?.[0]
  const close = quoted?.end ?? (opener === undefined ? lineEnd : endBefore(text, opener, at, lineEnd))
  const from = quoted?.start ?? at
  const afterScheme = matchAt(scheme, text, from)
  if (afterScheme === -1 || afterScheme > close) return toCredentials(text, from, readBare(text, from, close).end, says)
  const hasOne = oneValueSchemes.test(text.slice(from, afterScheme))
  const valueEnd = hasOne ? readBare(text, afterScheme, close).end : close
  return toCredentials(text, afterScheme, valueEnd, says)
}

function endBefore(text: string, quote: string, at: number, lineEnd: number): number {
  const end = text.indexOf(quote, at)
  return end === -1 || end > lineEnd ? lineEnd : end
}

function toCredentials(text: string, start: number, end: number, { kind }: SecretName): SecretSpan[] {
  const value = text.slice(start, end).trim()
  if (isPlaceholder(value) || /^[a-z]{1,12}$/.test(value) || /^realm=/.test(value)) return []
  return [{ start, end, kind }]
}

const cookiePair = /[;,]?[ \t]{0,4}[\w.$!#%*+^~-]{1,100}(?:=([^;\s"',]{0,8192}))?/y
/** Attributes of a cookie, and the values of those that say nothing. */
const cookieAttribute =
  /^[;,]?\s*(?:path|domain|expires|max-age|samesite|priority|version|secure|httponly|partitioned)(?:=|$)/i

/** Finds the values of a `Cookie` or `Set-Cookie` header. */
function findCookies({ text, name, says }: Found, { start, end: valueEnd }: Value): SecretSpan[] {
  const whole = text.slice(start, valueEnd)
  if (/[a-z]/.test(name) && !/^[\w.-]{1,64}=/.test(whole) && isRandom(whole, 16) && hasBothCases(whole))
    return [{ start, end: valueEnd, kind: says.kind }]
  const spans: SecretSpan[] = []
  cookiePair.lastIndex = start
  for (let match = cookiePair.exec(text); match !== null; match = cookiePair.exec(text)) {
    const [pair, value = ''] = match
    const end = cookiePair.lastIndex
    if (cookieAttribute.test(pair) || isPlaceholder(value)) continue
    spans.push({ start: end - value.length, end, kind: says.kind })
  }
  return spans
}
