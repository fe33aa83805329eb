import { createCache } from '#core/util/cache'
import type { SecretKind } from './secret-span.ts'

/**
 * How much a name says of its value. `strong`: it is a secret. `token`: it is one unless it is a name or a short word. `weak`: it is one if it looks
 * random. `mixed`: if it looks random and has capital letters, as digests and ids have none. `query`: one in an address.
 */
export type NameClass = 'strong' | 'token' | 'weak' | 'mixed' | 'query' | 'pin' | 'credentials' | 'cookie'

export type SecretName = { is: NameClass; kind: SecretKind }

/** Every name of a secret contains one of these; the search for secrets begins here. */
export const nameHint =
  /pass|pwd|secret|token|cred|key|auth|cookie|sess|psk|otp|community|sig|bearer|jwt|encrypt|pw\b|pin\b|pat\b|\bsid\b|\bsas\b|\bcode\b|value|seed|mnemonic|connection-?string|private-?mac|private-?exponent|prime[12]|\bdsn\b|webhook|assertion|samlresponse|verifier|[a-z]_?code\b|hash|\baccess\b|refresh|senha|contrase|clave|kennwort|parola|heslo|hasło|wachtwoord|mot_?de_?passe|пароль|ключ|密码|密碼|口令|パスワード|비밀번호/gi

const passwords =
  /(?:password|passwd|passwort|passphrase|passcode|passwrd|pwd|psk|kennwort|senha|contrase.{0,2}a|clave|parola|heslo|hasło|wachtwoord|mot_?de_?passe|пароль|密码|密碼|口令|パスワード|비밀번호|requirepass|masterauth|authtok|otp|(?:root|bind|admin|user|db|my|ldap|store|sudo)pw)$/

/** Words that end in "pass" and are no passwords. */
const noPass = /(?:^|by|com|tres|sur|encom|over|under|low|high|band|all|one|two|first|second|multi|test)pass$/

/** Names that end in "key", joined without signs: what the key is for. */
const strongKeys =
  /(?:api|access|secret|private|priv|shared|preshared|auth|authentication|encryption|encrypt|signing|sign|signature|master|storage|account|subscription|license|licence|service|server|client|application|app|deploy|deployment|admin|root|webhook|hmac|aes|cipher|crypto|unlock|unseal|recovery|gossip|session|jwt|tsig|rndc|wep|integration|ingest|ingestion|insert|admin|function|functions|host|messaging|push|maps|ticket|license|developer|user|data)key$/

/** Names that end in "key" and hold something public, or the name of something. */
const publicKeys =
  /(?:public|pub|primary|foreign|partition|sort|range|hash|index|map|cache|object|s3|row|label|annotation|config|configmap|group|routing|topology|idempotency|translation|websocket|known|host|temp|dns|rss|registry|keyboard|hot|short|sub|locale|message|i18n|field|column|property|lookup|dedup|dedupe|unique|natural|composite|search|shard|bucket|kms|trace|log|feature|context|lock)key$/

/** Words before "token" with which it is a position in a list, a unit of text or a thing of a parser. */
const otherTokens =
  /(?:next|page|continue|continuation|sync|start|marker|cancellation|cancel|eos|bos|pad|unk|mask|sep|stop|special|max|min|num|total|prompt|completion|input|output|cached|unexpected|first|last|paging|nextpage|delta|change|concurrency|idempotency|skip|cursor|pagination|resume|kind|lexer|parser)token$/

/** Names of public things whose last word is that of a secret: the session of TLS, the files of a unit. */
const publicNames = /^(?:Session-ID|(?:Load|Import)Credential(?:Encrypted)?)$/

function splitName(name: string): string[] {
  let end = name.length
  while (end > 0 && /[\d._-]/.test(name.charAt(end - 1))) end -= 1
  return name
    .slice(0, end)
    .split(/[^\p{L}\d]+|(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/u)
    .filter((part) => part !== '')
    .map((part) => part.toLowerCase())
}

/** Names that were classified, which outputs repeat. */
const classified = createCache<SecretName | undefined>(5_000)

/** Returns what a name says of its value; undefined where it is no name of a secret. `before`: the word before it, as in "public key". */
export function classifyName(name: string, before = ''): SecretName | undefined {
  const words = /^keys?[\d._-]*$/i.test(name) ? `${before} ${name}` : name
  const known = classified.get(words)
  if (known !== undefined || classified.has(words)) return known
  const says = classify(name, before)
  classified.set(words, says)
  return says
}

function classify(name: string, before: string): SecretName | undefined {
  const parts = splitName(name)
  const last = parts.at(-1)
  if (last === undefined) return undefined
  const joined = parts.join('')
  if (publicNames.test(name)) return undefined
  if (passwords.test(joined) || last === 'pw') return { is: 'strong', kind: 'password' }
  if (joined === 'pass') return name === 'PASS' ? undefined : { is: 'token', kind: 'password' }
  if (joined.endsWith('pass') && !noPass.test(joined)) return { is: 'strong', kind: 'password' }
  return classifyKey(parts, joined, before.toLowerCase()) ?? classifyOther(name, last, joined)
}

function classifyKey(parts: readonly string[], joined: string, before: string): SecretName | undefined {
  if (!joined.endsWith('key')) return undefined
  const whole = parts.length === 1 ? before + joined : joined
  const isCloud = /aws|azure|account|gcp|google/.test(joined)
  if (/(?:secret|private)(?:access)?key$/.test(whole)) return { is: 'strong', kind: isCloud ? 'cloud key' : 'key' }
  if (publicKeys.test(whole)) return undefined
  if (strongKeys.test(whole))
    return { is: before === '' || parts.length > 1 ? 'strong' : 'weak', kind: isCloud ? 'cloud key' : 'secret' }
  return { is: parts.length > 1 ? 'weak' : 'mixed', kind: 'key' }
}

const strongWords =
  /(?:(?:recovery|backup|authorization|device|mfa|otp)code|codeverifier|secretid|keysecret|keydata|secretkeybase|connectionstring|mnemonic|identitytoken|privateexponent|privatemac|prime|credential|credentials|jwt|bearer|sas|keystring|requestsignature)$/

function classifyOther(name: string, last: string, joined: string): SecretName | undefined {
  if (
    /(?:client|shared|app|application|api|jwt|session|cookie|webhook|totp|consumer|oauth|key|cloudapi|hmac|signing|static|user|master)secrets?$/.test(
      joined,
    )
  )
    return { is: 'strong', kind: 'secret' }
  if (joined.endsWith('secret')) return { is: /^[A-Z\d_]+_SECRET$/.test(name) ? 'strong' : 'token', kind: 'secret' }
  if (joined.endsWith('token'))
    return otherTokens.test(joined) ? undefined : { is: /^[A-Z\d_]+$/.test(name) ? 'strong' : 'token', kind: 'token' }
  if (strongWords.test(joined)) return { is: 'token', kind: 'secret' }
  if (/(?:^|proxy|token|iam|xrequested)authorization(?:token)?$|wwwauthorization$|httpbasic$/.test(joined))
    return { is: 'credentials', kind: 'token' }
  if (/cookie$/.test(joined)) return { is: 'cookie', kind: 'cookie' }
  if (/^(?:nt|lm|ntlm)hash$/.test(joined)) return { is: 'weak', kind: 'password hash' }
  if (/^(?:value|access|refresh|samlresponse|(?:client)?assertion)$/.test(joined)) return { is: 'weak', kind: 'token' }
  if (last === 'pin') return { is: 'pin', kind: 'password' }
  if (joined === 'community' || joined.endsWith('snmpcommunity')) return { is: 'strong', kind: 'password' }
  if (/^(?:sig|signature|code|sid|[xa-z\d]*signature)$/.test(joined)) return { is: 'query', kind: 'secret' }
  if (
    /(?:auth|session|sessionid|sid|encrypt|seed|pat|creds|cred|signature|signature256|dsn|salt|webhook|_auth)$/.test(
      joined,
    )
  )
    return { is: 'weak', kind: 'secret' }
  return undefined
}
