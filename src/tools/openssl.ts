import type { Tool } from '#core/request/tool'
import { opensslInsight } from './insight/tls-insight.ts'
import {
  checkArguments,
  detour,
  findDetours,
  isGiven,
  readArguments,
  reading,
  special,
  specialChange,
  valuesOf,
} from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { plainNeeds, refuse, toReading } from './kit/make-reading.ts'

// Source: openssl-s_client(1) 3.0. OpenSSL's options have long names after one dash.
const clientOptions = [
  ...reading('--connect= --host= --port= --servername= --noservername --bind= --showcerts --brief --verify= --status'),
  ...reading('--verify_return_error --verify_hostname= --verify_ip= --verify_email= --verify_quiet --prexit --state'),
  ...reading(
    '--debug --msg --nbio --crlf --quiet --ign_eof --no_ign_eof --tls1 --tls1_1 --tls1_2 --tls1_3 --dtls --ssl3',
  ),
  ...reading('--no_tls1 --no_tls1_1 --no_tls1_2 --no_tls1_3 --cipher= --ciphersuites= --groups= --curves= --sigalgs='),
  ...reading('--alpn= --nextprotoneg= --starttls= --xmpphost= --name= --tlsextdebug --security_debug -4 -6 --help'),
  ...reading('--CAstore= --no-CAfile --no-CApath --no-CAstore --purpose= --partial_chain --x509_strict --nocommands'),
  ...reading('--no_ticket --legacy_renegotiation --servername_fallback --timeout --mtu= --async --nameopt= --trace'),
  ...detour('connects by way of a proxy', '--proxy='),
  ...special(
    'reads a file',
    '--CAfile= --CApath= --cert= --key= --cert_chain= --chainCAfile= --sess_in= --psk_session= --rand=',
  ),
  ...special('reads a file', '--verifyCAfile= --CRL= --early_data= --pass= --psk= --proxy_pass= --ctlogfile='),
  ...specialChange('writes a file', '--sess_out= --keylogfile= --msgfile= --writerand='),
  ...special("talks to a local program's socket", '--unix='),
]
// Source: openssl-x509(1) 3.0. It shows a certificate from its standard input.
const certificateOptions = [
  ...reading('--noout --text --subject --issuer --dates --startdate --enddate --serial --fingerprint --sha256 --sha1'),
  ...reading('--ext= --email --purpose --modulus --pubkey --hash --subject_hash --issuer_hash --nameopt= --certopt='),
  ...reading(
    '--checkend= --checkhost= --checkip= --checkemail= --inform= --outform= --alias --ocsp_uri --ocspid --help',
  ),
  ...special('reads a file', '--in='),
]

export const openssl: Tool = {
  name: 'openssl',
  about: 'Which certificate and TLS versions does a server have?',
  examples: [
    'openssl s_client -connect 10.0.0.1:443 -brief',
    'openssl s_client -connect example.org:443 | openssl x509 -noout -dates',
  ],
  hints: [
    { pattern: 'Connection refused', hint: 'The host answers, but nothing listens on that port.' },
    {
      pattern: 'wrong version number|unexpected eof',
      hint: 'There is something on that port, but it does not speak TLS (or wants `-starttls`).',
    },
    {
      pattern: 'unable to get local issuer|self.signed certificate',
      hint: 'The certificate is not trusted here; it was shown all the same.',
    },
    notInImage,
  ],
  reaches: findHosts,
  insight: opensslInsight,
  read: (argv) => {
    const [, command = '', ...args] = argv
    const long = toTwoDashes(args)
    if (command === 'version' || command === 'ciphers') return toReading(argv)
    if (command === 's_client') {
      const given = readArguments(long, clientOptions, { wholeNames: true })
      const { effect, special } = checkArguments('openssl s_client', given)
      const detours = findDetours('openssl s_client', given)
      return toReading(argv, { needs: plainNeeds(effect), special, detours })
    }
    if (command === 'x509') {
      const given = readArguments(long, certificateOptions, { wholeNames: true })
      const checked = checkArguments('openssl x509', given)
      const filter = checked.effect === 'read' && checked.special.length === 0 && given.operands.length === 0
      return toReading(argv, filter ? { filter } : { needs: plainNeeds(checked.effect), special: checked.special })
    }
    if (command === '')
      return refuse(argv, 'openssl alone asks for commands.', 'Name one: `openssl s_client -connect HOST:443`.')
    const why = 'it works with keys and files'
    return toReading(argv, { needs: plainNeeds('write'), special: [{ name: `openssl ${command}`, why }] })
  },
}

function toTwoDashes(args: readonly string[]): string[] {
  return args.map((arg) => arg.replace(/^-(?=[A-Za-z0-9_]{2})/, '--'))
}

/** Options of all commands whose value is a host. */
const hostOptions = reading('--connect= --host= --proxy= --url= --server=')

function findHosts(argv: readonly string[]): string[] {
  const [, command, ...args] = argv
  const isClient = command === 's_client'
  const given = readArguments(toTwoDashes(args), isClient ? clientOptions : hostOptions, { wholeNames: true })
  const hosts = ['--connect', '--host', '--proxy', '--url', '--server'].flatMap((name) => valuesOf(given, name))
  if (!isClient) return hosts
  // Without a host, s_client connects to its own.
  const isElsewhere = given.operands.length > 0 || isGiven(given, '--connect', '--host', '--unix', '--help')
  return [...hosts, ...given.operands, ...(isElsewhere ? [] : ['localhost'])]
}
