/** Values that stand where a secret would, and are none: words of programs, types, states. */
const plainWords: ReadonlySet<string> = new Set([
  ...['true', 'false', 'yes', 'no', 'on', 'off', 'null', 'nil', 'none', 'undefined', 'empty', 'unset', 'set', 'n/a'],
  ...['string', 'str', 'text', 'varchar', 'character', 'char', 'int', 'integer', 'number', 'bool', 'boolean', 'bytes'],
  ...['object', 'optional', 'required', 'requisite', 'sufficient', 'include', 'default', 'unknown', 'auto', 'any'],
  ...['invalid', 'incorrect', 'expired', 'missing', 'wrong', 'failed', 'failure', 'changed', 'accepted', 'rejected'],
  ...['denied', 'refused', 'ok', 'valid', 'verified', 'updated', 'created', 'deleted', 'disabled', 'enabled', 'found'],
  ...['hidden', 'masked', 'redacted', 'removed', 'encrypted', 'sensitive', 'secret', 'private', 'public', 'provided'],
  ...[
    'new',
    'await',
    'this',
    'self',
    'function',
    'prompt',
    'interactive',
    'stdin',
    'file',
    'env',
    'must',
    'should',
    'cannot',
    'can',
    'is',
    'was',
    'has',
    'not',
  ],
  ...['will', 'may', 'for', 'and', 'or', 'of', 'to', 'from', 'the', 'a', 'an', 'in', 'with', 'by', 'at', 'this', 'it'],
  ...['bearer', 'basic', 'digest', 'oauth', 'jwt', 'opaque', 'strict', 'strong', 'weak', 'closed', 'opened', 'error'],
  ...['unexpected', 'reset', 'rotation', 'refresh', 'refreshed', 'timeout', 'exceeded', 'mismatch', 'used', 'loaded'],
  ...['files', 'compat', 'systemd', 'db', 'sss', 'ldap', 'nis', 'winbind', 'plain', 'login', 'cram-md5', 'supported'],
])

/** References to a value that stands elsewhere, and marks in a secret's place. */
const reference =
  /^(?:\$(?:[A-Za-z_]\w+(?:$|[^\w$])|[{(])|--[a-z][\w-]*=?$|-[A-Za-z]$|%[A-Za-z_]+%$|%[sdqv]\b|[<{([|]|![a-z]+(?:\s|$)|@[./]|&[a-z]+$|\*+$|[xX*.•…_-]{3,}$|~$|-$|(?:my|your|some|the)[-_ ]|(?:example|placeholder|redacted|removed|todo|tbd)(?:\b|_)|file:|env:|vault:|op:\/\/|arn:|projects\/)/i

/** Expressions of programs: `process.env.TOKEN`, `read_secret(`. */
const call = /^[A-Za-z_$][\w$]{0,60}(?:\??\.[A-Za-z_$][\w$]{0,60}){0,8}\(/
const member = /^[A-Za-z_$][\w$]{0,60}(?:\??\.[A-Za-z_$][\w$]{0,60}){1,8}[;,]?$/

/** Returns true for a value without quotes that is an expression of a program, by whose parts nobody could guess. */
export function isExpression(value: string): boolean {
  return value.length < 200 && (call.test(value) || (member.test(value) && !isRandom(value, 12)))
}

/** Names of variables and the like, where an example has its value: `DB_PASSWORD`, `bearer_token`. */
const nameOfValue = /^(?:[A-Z0-9]+_)+(?:PASSWORD|PASS|TOKEN|SECRET|KEY)$|^[a-z]+_(?:password|token|secret|key)$/

/** Returns true for a text that stands in the place of a secret and is none: empty, a reference, a mark, a word of the program. */
export function isPlaceholder(value: string): boolean {
  if (value === '' || value.includes('…') || /^[\W_]+$/.test(value) || reference.test(value) || nameOfValue.test(value))
    return true
  return value.length < 40 && plainWords.has(value.toLowerCase().replace(/[.,:;!)]$/, ''))
}

/** Returns true for a path of a file, or of a name in a store. */
export function isPath(value: string): boolean {
  if (!/^(?:\.{0,2}|~)\/[\w.@+-]+(?:\/[\w.@+-]*)*$/.test(value)) return false
  return value.split('/').every((part) => part.length < 20 || !isRandom(part, 20))
}

/** Returns true for a name as Kubernetes accepts it (`shop/db-creds`), whose parts are words or short hashes. */
export function isObjectName(value: string): boolean {
  if (value.length > 253 || !/^[a-z0-9][a-z0-9./-]*$/.test(value)) return false
  const parts = value.split(/[./-]/)
  if (parts.length === 1 && value.length >= 16) return false
  return parts.every((part) => part.length <= 10 || /^[a-z]+\d*$/.test(part)) && /[a-z]{3}/.test(value)
}

function classOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return 1
  if (code >= 0x41 && code <= 0x5a) return 2
  if (code >= 0x61 && code <= 0x7a) return 3
  return 0
}

/** Changes between letters and digits, and from small to capital letters, a character, that words and names stay below. */
const randomShare = 0.19

/** Returns true for a text of at least `minLength` characters that changes so often between digits, small and capital letters that it isn't made of words. */
export function isRandom(value: string, minLength: number): boolean {
  if (value.length < minLength) return false
  let changes = 0
  let counted = 0
  let before = 0
  for (let at = 0; at < value.length && at < 256; at += 1) {
    const now = classOf(value.charCodeAt(at))
    if (now === 0) continue
    counted += 1
    // A capital letter at the beginning of a word is usual.
    if (before !== 0 && before !== now && !(before === 2 && now === 3)) changes += 1
    before = now
  }
  return counted >= minLength * 0.6 && changes >= 2 && changes >= counted * randomShare
}

/** Returns true for a text that no word list has: with a digit or sign in it, or a capital letter after its first letter. */
export function isNoWord(value: string): boolean {
  return /\d/.test(value) || /[^\W\d_][A-Z]/.test(value) || /[!#%^*+=?]/.test(value)
}
