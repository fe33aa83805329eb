import { isRandom } from './classify-value.ts'
import type { SecretSpan } from './secret-span.ts'

/** Long words of the alphabets of base64; their forms are read by code, since most words are none. */
const longWord = /(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{20,}={0,2}/g

/** Maximum characters of an encoded text that is decoded: more than any key has. */
const maxEncodedChars = 65_536

/**
 * Finds secrets that are encoded in base64: private keys in DER form, and texts that `hasSecret` says have a secret. A prefix before random letters and
 * digits marks a token of any issuer.
 */
export function findEncoded(text: string, hasSecret: (decoded: string) => boolean): SecretSpan[] {
  const spans: SecretSpan[] = []
  for (const { 0: word, index } of text.matchAll(longWord)) {
    const end = index + word.length
    if (isKeyInBase64(word)) spans.push({ start: index, end, kind: 'private key' })
    else if (isAzureKey(word)) spans.push({ start: index, end, kind: 'cloud key' })
    else if (wholeWord.test(word) || isPrefixedToken(word)) spans.push({ start: index, end, kind: 'token' })
    else if (isTextWithSecret(word, hasSecret)) spans.push({ start: index, end, kind: 'secret' })
  }
  return spans
}

/** Tokens of Mailchimp, Mailgun, MaxMind and New Relic, which begin with anything. */
const wholeWord =
  /^(?:[0-9a-f]{32}-us\d{1,2}|[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}|[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk|\w{32,36}NRAL|\w{40,48}-NRMA)$/

/** Sign that Azure puts near the end of the keys of its services. */
const azureSign = /AzSe|AzFu|ACDb|AIoT|AZDO|\+ACR|\+ASt/

function isAzureKey(word: string): boolean {
  const at = word.search(azureSign)
  return at >= 24 && word.length - at >= 8 && word.length - at <= 14
}

/** Returns true for the beginning of a private key: its ASN.1 sequence, in which a version comes first, or OpenSSH's own form. */
function isKeyInBase64(word: string): boolean {
  if (word.startsWith('b3BlbnNzaC1rZXktdjE')) return true
  if (!word.startsWith('M') || word.length < 60) return false
  const bytes = Buffer.from(word.slice(0, 24), 'base64')
  const length = bytes[1] ?? 0
  const start = length < 0x80 ? 2 : 2 + (length & 0x7f)
  if (bytes[0] !== 0x30 || start > 5) return false
  const [tag, size, version, next] = bytes.subarray(start, start + 4)
  // An integer 0, 1 or 3, and then an integer, an octet string or a sequence: certificates and public keys begin with a sequence.
  return tag === 0x02 && size === 0x01 && (version ?? 9) <= 3 && (next === 0x02 || next === 0x04 || next === 0x30)
}

const prefixed =
  /^[a-z][a-z0-9]{1,14}(?:[_-](?:live|test|prod|production|sandbox|dev|api|key|pat|sec|secret|tok|token|v\d|[a-z0-9]{1,4}))?[_-]([A-Za-z0-9]{24,})$/
/** Prefixes of digests and public things. */
const publicPrefix = /^(?:sha\d+|md5|h1|nonce|rsa|ecdsa|ed25519|spki|gzip|cid|pk|pub|etag)[_-]/

function isPrefixedToken(word: string): boolean {
  const random = prefixed.exec(word)?.[1]
  if (random === undefined || publicPrefix.test(word)) return false
  return isRandom(random, 24) && /[a-z].*[a-z]/.test(random) && /[A-Z].*[A-Z]/.test(random) && /\d/.test(random)
}

const printable = /^[\t\n\r\x20-\x7e\u00a0-\uffff]*$/

function isTextWithSecret(word: string, hasSecret: (decoded: string) => boolean): boolean {
  if (!printable.test(Buffer.from(word.slice(0, 16), 'base64').toString('latin1'))) return false
  const decoded = Buffer.from(word.slice(0, maxEncodedChars), 'base64').toString('utf8')
  return !decoded.includes('\ufffd') && printable.test(decoded) && hasSecret(decoded)
}
