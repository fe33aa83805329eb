import type { SecretForm } from './token-forms.ts'

/** Secrets by their place in files and outputs of network programs and of the system. Group 1 stands before the secret. Each takes linear time. */
export const fileForms: readonly SecretForm[] = [
  // Users.
  ['password hash', /(^[a-z_][\w.-]{0,31}:!?)[\w./]{13}(?=:\d{4,6}:\d{0,6}:\d{0,6}:)/gm, ':::'],
  ['password hash', /(^[\w.$-]{1,32}:\d{3,6}:)[0-9a-fA-F]{32}:[0-9a-fA-F]{32}(?=:::)/gm, ':::'],
  ['password', /(^(?:[\w.-]+|\*):(?:\d{4,5}|\*):[\w*-]{1,63}:[a-z_][\w-]{0,62}:)\S+$/gm],
  ['password', /((?:\b(?:machine[ \t]+\S{1,255}|default)[ \t]+)?login[ \t]+\S{1,255}[ \t]+password[ \t]+)\S+/g],
  [
    'password',
    /(\b(?:requirepass|masterauth|primaryauth|auth-pass[ \t]+\S{1,64}|bindpw|rootpw|auth_pass|sasl_passwd|tls_key_password)[ \t]+"?)(?!(?:to|is|was|and|or|will|option)\b)[^\s"]+/g,
  ],
  // IPsec, PPP, WireGuard, kernel.
  ['secret', /((?:^|[ \t]):[ \t]*(?:PSK|EAP|XAUTH|NTLM|RSA|ECDSA|PIN)[ \t]+(?:\S{1,200}[ \t]+)?")[^"\n]+/gm],
  ['secret', /((?:^|[ \t]):[ \t]*PSK[ \t]+)0[sx][\w+/=]+/gm],
  ['secret', /(^"?[\w@.*-]{1,64}"?[ \t]+"?(?:[\w.-]{1,64}|\*)"?[ \t]+"?)[^\s"*#]{4,}(?="?[ \t]+\*[ \t]*$)/gm, '*'],
  ['key', /(^(?:[\w.-]{1,15}\t)?)[A-Za-z0-9+/]{43}=(?=\t[A-Za-z0-9+/]{43}=\t\d{1,5}\t(?:off|0x))/gm, '=\t'],
  ['key', /(^(?:[\w.-]{1,15}\t)?[A-Za-z0-9+/]{43}=\t)[A-Za-z0-9+/]{43}=(?=\t)/gm, '=\t'],
  ['key', /(\b(?:preshared|private)-key[ \t]+(?:<\([\w ]{1,20})?)[A-Za-z0-9+/]{43}=/g],
  ['key', /(\)["']?[ \t]+)0x[0-9a-fA-F]{16,}/g],
  ['key', /((?<![\w-])(?:key|-E[ \t]+[\w-]{1,20}|-A[ \t]+[\w-]{1,20})[ \t]+)0x[0-9a-fA-F]{16,}/g],
  ['key', /(\bkey[ \t]+\d{1,2}[ \t]+)[0-9a-f]{32,64}(?![0-9a-f])/g],
  ['key', /(\bkey[ \t]+\d:)[\w-]{5,32}/g],
  // SNMP, routers.
  ['password', /(\b(?:ro|rw|trap)community6?[ \t]+"?)[^\s"]+/g],
  ['password', /(\bcom2sec6?[ \t]+(?:-\w+[ \t]+\S{1,60}[ \t]+)?\S{1,60}[ \t]+\S{1,60}[ \t]+)\S+/g],
  ['password', /(\b(?:trap2?|inform)sink[ \t]+\S{1,200}[ \t]+)\S+/g],
  ['password', /(\bsnmp-server[ \t]+community[ \t]+)\S+/g],
  [
    'password',
    /(\bcreateUser[ \t]+(?:-\w[ \t]+\S{1,60}[ \t]+)?\S{1,60}[ \t]+(?:MD5|SHA\S{0,6})[ \t]+)(?:"[^"\n]*"|\S+)(?:[ \t]+(?:DES|AES\S{0,6})[ \t]+(?:"[^"\n]*"|\S+))?/g,
  ],
  ['password', /(\bauth[ \t]+(?:md5|sha\d{0,3})[ \t]+)\S{6,}/g],
  ['password', /(\bpriv[ \t]+(?:3?des|aes)(?:[ \t]+\d{3})?[ \t]+)\S{6,}/g],
  ['password', /(\bneighbor[ \t]+\S{1,60}[ \t]+password[ \t]+(?:\d[ \t]+)?)\S+/g],
  [
    'password',
    /(\bmessage-digest-key[ \t]+\d{1,3}[ \t]+(?:md5|hmac-sha-\d{3})[ \t]+(?:\d[ \t]+|text[ \t]+|md5[ \t]+)?"?)[^\s";]+/g,
  ],
  ['password', /(\bauthentication-key[ \t]+(?:\d{1,5}[ \t]+md5[ \t]+)?(?:\d[ \t]+|text[ \t]+|md5[ \t]+)?"?)[^\s";]+/g],
  ['password', /(\bkey-string[ \t]+(?:\d[ \t]+|text[ \t]+|md5[ \t]+)?"?)[^\s";]+/g],
  [
    'password',
    /(\b(?:isis|area|domain|area-)[ -]?password[ \t]+(?:clear|md5)[ \t]+(?:\d[ \t]+|text[ \t]+|md5[ \t]+)?"?)[^\s";]+/g,
  ],
  [
    'password',
    /(\b(?:tacacs|radius)(?:-server)?[ \t]+(?:host[ \t]+[^\s"]{1,60}[ \t]+)?key[ \t]+(?:\d[ \t]+|text[ \t]+|md5[ \t]+)?"?)[^\s";]+/g,
  ],
  ['password', /(\b(?:isakmp|address[ \t]+[^\s"]{1,60})[ \t]+key[ \t]+(?:\d[ \t]+|text[ \t]+|md5[ \t]+)?"?)[^\s";]+/g],
  [
    'password',
    /(\b(?:standby|vrrp)[ \t]+\d{1,4}[ \t]+authentication[ \t]+(?:\d[ \t]+|text[ \t]+|md5[ \t]+)?"?)[^\s";]+/g,
  ],
  [
    'password',
    /(^[ \t]*(?:enable|username[ \t]+\S{1,60})(?:[ \t]+privilege[ \t]+\d{1,2})?[ \t]+(?:password|secret)[ \t]+(?:\d[ \t]+)?)\S+/gm,
  ],
  ['password', /(\bwifi[ \t]+connect[ \t]+\S{1,60}[ \t]+password[ \t]+)\S+/g],
  ['key', /(\bwep_key\d[ \t]*=[ \t]*"?)[\w-]{5,}/g],
  // Redis, second factors, sessions of TLS, wallets.
  ['password', /(\buser[ \t]+\S{1,64}[ \t]+(?:on|off)[ \t]+(?:[~&+%@-]\S{0,40}[ \t]+){0,8}[>#<])\S{4,}/g],
  [
    'password',
    /(\b(?:2FA|MFA|OTP|TOTP|[Vv]erification|[Oo]ne-time|[Ss]ecurity|[Ll]ogin|[Bb]ackup|[Rr]ecovery)[ \t]+(?:code|pass(?:code|word)|pin|PIN)(?:[ \t]+is)?[ \t:=]{1,4})\d{4,8}(?!\w)/g,
  ],
  ['password hash', /(aad3b435b51404eeaad3b435b51404ee:)[0-9a-fA-F]{32}/g],
  ['key', /(\b(?:CLIENT|SERVER|EXPORTER|EARLY)_[A-Z_]{3,40}\d?[ \t]+[0-9a-f]{64}[ \t]+)[0-9a-f]{48,}/g],
  [
    'secret',
    /(\b(?:seed|recovery|mnemonic|secret)[ _-]?(?:phrase|words)["']?[ \t]*[:=][ \t]*["']?)[a-z][^"'\n]{20,}/gi,
  ],
  // Names and time.
  ['key', /(\bhmac-[\w-]{3,12}(?::[\w.-]{1,100}:|:[\w.-]{1,100}[ \t]+|[ \t]+))[A-Za-z0-9+/]{16,}={0,2}/g],
  ['key', /(^[ \t]*\d{1,5}[ \t]+(?:M|MD5|SHA\d{0,3}|SHA3-\d{3}|AES\d{0,4}\w{0,4})[ \t]+(?:HEX:|ASCII:)?)[^\s#]{6,}/gm],
  // Keys as JSON: private exponents, primes, symmetric keys.
  ['key', /(\\{0,3}"(?:d|k|p|q|dp|dq|qi)\\{0,3}"[ \t]*:[ \t]*\\{0,3}")(?=[\w-]{0,400}[G-Zg-z_-])[\w-]{32,}/g],
  [
    'cookie',
    /(^(?:#HttpOnly_)?[\w.-]{1,255}\t(?:TRUE|FALSE)\t\S{1,255}\t(?:TRUE|FALSE)\t\d{1,12}\t[^\t\n]{1,255}\t)\S+/gm,
    'E\t',
  ],
  ['token', /(\bbearer[ \t]+)(?=[\w.~+/=-]{0,200}\d)[\w.~+/=-]{16,}/gi],
  ['token', /(\bbasic[ \t]+)(?=[\w+/]{0,200}\d)[A-Za-z0-9+/]{12,}={0,2}/gi],
  ['key', /(\b(?:[Uu]nseal|[Rr]ecovery|[Mm]aster)[ \t]+[Kk]ey[ \t]+(?:\d{1,2})?:[ \t]+)\S{16,}/g],
]
