import { isPlaceholder } from './classify-value.ts'
import type { SecretSpan } from './secret-span.ts'
import type { SecretForm } from './token-forms.ts'

/**
 * Options of programs whose values are secrets. `value`: the next word, or what is glued to the option. `exact`: only the next word. `glued`: only what is glued. `pairs`: the part of
 * a value after a sign, the first or, with `isLast`, the last. `last`: the last word, after `words` others that are no options.
 */
type Options = {
  value?: readonly string[]
  glued?: readonly string[]
  exact?: readonly string[]
  pairs?: readonly { options: readonly string[]; sign: string; isLast?: boolean }[]
  last?: number
}

const database: Options = { glued: ['-p'] }
const ldap: Options = { value: ['-w', '-y'] }
const snmp: Options = { value: ['-c', '-A', '-X', '-3m', '-3M'] }
const mongo: Options = { value: ['-p'] }
const curl: Options = {
  pairs: [
    { options: ['-u', '--user', '-U', '--proxy-user', '-a', '--auth'], sign: ':' },
    { options: ['-b', '--cookie'], sign: '=' },
  ],
  value: ['--oauth2-bearer', '--pass', '--proxy-pass', '--tlspassword'],
}
const login: Options = { value: ['-p'] }

const programs: ReadonlyMap<string, Options> = new Map<string, Options>([
  ...['curl', 'http', 'https', 'xh', 'etcdctl', 'ab', 'influx', 'hey', 'rclone'].map((name) => [name, curl] as const),
  ...['mysql', 'mysqldump', 'mysqladmin', 'mariadb', 'mariadb-dump', 'mysqlimport', 'mysqlcheck', '7z', '7za'].map(
    (name) => [name, database] as const,
  ),
  ...['ldapsearch', 'ldapadd', 'ldapmodify', 'ldapdelete', 'ldapwhoami', 'ldappasswd'].map(
    (name) => [name, ldap] as const,
  ),
  ...['snmpwalk', 'snmpget', 'snmpset', 'snmpbulkwalk', 'snmpgetnext', 'snmptrap', 'snmpstatus'].map(
    (name) => [name, snmp] as const,
  ),
  ...['mongo', 'mongosh', 'mongodump', 'mongorestore', 'mongoexport'].map((name) => [name, mongo] as const),
  ...['docker', 'podman', 'nerdctl', 'az', 'oc', 'helm', 'crane', 'skopeo', 'oras', 'sshpass', 'buildah'].map(
    (name) => [name, login] as const,
  ),
  ['redis-cli', { value: ['-a', '--pass'] }],
  ['sqlcmd', { value: ['-P'] }],
  ['bcp', { value: ['-P'] }],
  ['ipmitool', { value: ['-P', '-k', '-y'] }],
  ['mosquitto_pub', { value: ['-P'] }],
  ['mosquitto_sub', { value: ['-P'] }],
  ['smbclient', { pairs: [{ options: ['-U', '--user'], sign: '%' }] }],
  ['rpcclient', { pairs: [{ options: ['-U'], sign: '%' }] }],
  [
    'openssl',
    { pairs: [{ options: ['-passin', '-passout', '-pass', '-password'], sign: 'pass:' }], exact: ['-psk', '-k', '-K'] },
  ],
  ['dig', { pairs: [{ options: ['-y'], sign: ':', isLast: true }] }],
  ['nsupdate', { pairs: [{ options: ['-y'], sign: ':', isLast: true }] }],
  ['xfreerdp', { glued: ['/p:'] }],
  ['unzip', { value: ['-P'] }],
  ['zip', { value: ['-P'] }],
  ['keytool', { value: ['-storepass', '-keypass', '-deststorepass', '-srcstorepass'] }],
  ['ssh-keygen', { value: ['-N', '-P'] }],
  ['gpg', { value: ['--passphrase'] }],
  ['kubectl', { pairs: [{ options: ['--from-literal'], sign: '=' }] }],
  ['htpasswd', { last: 1 }],
  ['wpa_passphrase', { last: 1 }],
  ['rabbitmqctl', { last: 2 }],
])

/** Subcommands without which the last word of some programs is no password. */
const subcommands: ReadonlyMap<string, RegExp> = new Map([
  ['rabbitmqctl', /\b(?:add_user|change_password|authenticate_user)\b/],
  ['htpasswd', /\s-\w*b/],
  ['docker', /\blogin\b/],
  ['podman', /\blogin\b/],
  ['az', /\blogin\b|\bsp\b/],
  ['oc', /\blogin\b/],
  ['helm', /\blogin\b/],
  ['7z', /\s-p/],
])

const programName =
  /(?<![\w.-])(?:curl|https?|xh|etcdctl|ab|influx|hey|rclone|mysql(?:dump|admin|import|check)?|mariadb(?:-dump)?|7za?|ldap[a-z]{3,8}|snmp[a-z]{3,8}|mongo(?:sh|dump|restore|export)?|docker|podman|nerdctl|buildah|az|oc|helm|crane|skopeo|oras|sshpass|redis-cli|sqlcmd|bcp|ipmitool|mosquitto_[ps]ub|smbclient|rpcclient|openssl|dig|nsupdate|xfreerdp|unzip|zip|keytool|ssh-keygen|gpg|kubectl|htpasswd|wpa_passphrase|rabbitmqctl)(?=[ \t])/g

/** Maximum words of one command that are read. */
const maxWords = 24

type Word = { text: string; start: number; end: number }

const shellWord =
  /[ \t]+(?:(["'])((?:(?!\1)[^\n]){0,4096})\1(?=[\s)]|$)|((?:[^\s"'|;]|["'][^"'\n]{0,4096}["']){1,4096}))/y

/** Splits the rest of a line into words as a shell does, up to the end of the command. */
function readWords(text: string, from: number): Word[] {
  const words: Word[] = []
  shellWord.lastIndex = from
  for (let match = shellWord.exec(text); match !== null && words.length < maxWords; match = shellWord.exec(text)) {
    const [, quote = '', quoted, bare = ''] = match
    const word = quoted ?? bare
    const end = shellWord.lastIndex - quote.length
    words.push({ text: word, start: end - word.length, end })
  }
  return words
}

/** Finds passwords among the arguments of programs. */
export function findCommandSecrets(text: string): SecretSpan[] {
  const spans: SecretSpan[] = []
  for (const { 0: name, index } of text.matchAll(programName)) {
    const options = programs.get(name)
    if (options === undefined) continue
    const start = index + name.length
    const words = readWords(text, start)
    const end = words.at(-1)?.end ?? start
    if (subcommands.get(name)?.test(text.slice(index, end)) === false) continue
    spans.push(...findOptionValues(options, words))
  }
  return [...spans, ...findPipedPasswords(text)]
}

function findOptionValues(
  { value = [], exact = [], glued = [], pairs = [], last }: Options,
  words: readonly Word[],
): SecretSpan[] {
  const found = words.flatMap((word, at) => {
    const next = words[at + 1]
    const own = optionValue(word, next, value)
    const parts = pairs.flatMap(({ options, sign, isLast }) => {
      const pair = optionValue(word, next, options)
      const position = pair === undefined ? -1 : isLast ? pair.text.lastIndexOf(sign) : pair.text.indexOf(sign)
      return pair === undefined || position === -1 ? [] : skip(pair, position + sign.length)
    })
    const ends = glued.flatMap((option) => (word.text.startsWith(option) ? skip(word, option.length) : []))
    const after = next !== undefined && exact.includes(word.text) ? [next] : []
    return [...(own === undefined ? [] : [own]), ...after, ...parts, ...ends]
  })
  const plain = words.filter(({ text }) => !text.startsWith('-'))
  const [lastWord] = last !== undefined && plain.length > last ? plain.slice(-1) : []
  return [...found, ...(lastWord === undefined ? [] : [lastWord])].flatMap(toSpan)
}

function optionValue(word: Word, next: Word | undefined, options: readonly string[]): Word | undefined {
  for (const option of options) {
    if (word.text === option) return next
    const isShort = /^-\w$/.test(option)
    if (word.text.startsWith(`${option}=`)) return cut(word, option.length + 1)
    if (isShort && word.text.startsWith(option)) return cut(word, option.length)
  }
  return undefined
}

const cut = (word: Word, count: number): Word => ({ ...word, text: word.text.slice(count), start: word.start + count })

function skip(word: Word, count: number): Word[] {
  return word.text.length > count ? [cut(word, count)] : []
}

function toSpan({ text, start, end }: Word): SecretSpan[] {
  const inner = /^(["'])(.*)\1$/.exec(text)
  const value = inner?.[2] ?? text
  if (isPlaceholder(value) || /^\d{1,5}(?::\d{1,5})?$/.test(value) || value.startsWith('-')) return []
  const quote = inner === null ? 0 : 1
  return [{ start: start + quote, end: end - quote, kind: 'password' }]
}

const piped =
  /\b(?:echo|printf)[ \t]+(?:-\w+[ \t]+)?(?:"([^"\n]{1,200})"|'([^'\n]{1,200})'|([^\s|"']{1,200}))[ \t]*\|[^|\n]{0,80}?(?:--password-stdin|\bsudo[ \t]+-\w*S|chpasswd|passwd[ \t]+--stdin|--pass-stdin|gpg[^|\n]{0,40}--passphrase-fd)/g

/** Finds passwords that a command writes into another one: `echo … | sudo -S`. */
function findPipedPasswords(text: string): SecretSpan[] {
  if (!text.includes('|')) return []
  return [...text.matchAll(piped)].flatMap((match) => {
    const word = match[1] ?? match[2] ?? match[3] ?? ''
    const start = match.index + match[0].indexOf(word)
    const colon = match[0].includes('chpasswd') ? word.indexOf(':') + 1 : 0
    return isPlaceholder(word)
      ? []
      : [{ start: start + colon, end: start + word.length, kind: 'password' } satisfies SecretSpan]
  })
}

/** Commands in which a secret has a place of its own. Group 1 stands before it. */
export const commandForms: readonly SecretForm[] = [
  ['password', /(^(?:[\w.:]{0,60}> ?)?AUTH[ \t]+(?:[\w.-]{1,64}[ \t]+)?)[^\s"'$<]{6,}(?=[ \t]*$)/gm, 'AUTH '],
  ['password', /(IDENTIFIED[ \t]+(?:WITH[ \t]+\S{1,60}[ \t]+)?BY[ \t]+(?:PASSWORD[ \t]+)?['"])[^'"\n]+/gi],
  ['password', /(\bnet[ \t]+use[ \t]+(?:\w:[ \t]+)?\\\\\S{1,200}[ \t]+)[^\s/]{4,}/gi],
  ['password', /(--auth-user-pass[ \t]+[\w.-]{1,64}[ \t]+)\S{6,}/g],
  ['password', /(\bconfigure[ \t]+set[ \t]+\w{0,40}(?:secret_access_key|session_token)[ \t]+)\S+/g],
]
