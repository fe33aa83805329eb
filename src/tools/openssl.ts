import type { Tool } from '#core/request/tool'
import { measureTls } from './insight/measure-tool-output.ts'
import { opensslInsight } from './insight/tls-insight.ts'
import {
  checkArguments,
  findDetours,
  isGiven,
  readArguments,
  reading,
  sending,
  special,
  specialChange,
  valuesOf,
  withDetours,
} from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { plainNeeds, refuse, toReading } from './kit/reading-and-needs.ts'

// Source: openssl-s_client(1) 3.0. OpenSSL's options have long names after one dash.
const clientOptions = withDetours(
  [
    ...reading(
      '--connect= --host= --port= --servername= --noservername --bind= --showcerts --brief --verify= --status',
    ),
    ...reading('--verify_return_error --verify_hostname= --verify_ip= --verify_email= --verify_quiet --prexit --state'),
    ...reading('--debug --msg --nbio --crlf --quiet --ign_eof --no_ign_eof --tls1 --tls1_1 --tls1_2 --tls1_3 --ssl3'),
    ...reading('--dtls --dtls1 --dtls1_2 --no_ssl3 --no_tls1 --no_tls1_1 --no_tls1_2 --no_tls1_3 --min_protocol='),
    ...reading(
      '--max_protocol= --cipher= --ciphersuites= --groups= --curves= --named_curve= --sigalgs= --client_sigalgs=',
    ),
    ...reading('--alpn= --nextprotoneg= --starttls= --xmpphost= --name= --proxy= --tlsextdebug --security_debug'),
    ...reading('--security_debug_verbose -4 -6 --help --no-CAfile --no-CApath --no-CAstore --purpose= --partial_chain'),
    ...reading('--x509_strict --nocommands --no_ticket --legacy_renegotiation --servername_fallback --timeout --mtu='),
    ...reading(
      '--async --nameopt= --trace --verify_depth= --verify_name= --attime= --auth_level= --policy= --policy_check',
    ),
    ...reading('--policy_print --explicit_policy --inhibit_any --inhibit_map --crl_check --crl_check_all --use_deltas'),
    ...reading('--extended_crl --ignore_critical --issuer_checks --check_ss_sig --trusted_first --no_alt_chains'),
    ...reading('--no_check_time --allow_proxy_certs --suiteB_128 --suiteB_128_only --suiteB_192 --reconnect --no_comp'),
    ...reading(
      '--comp --no_renegotiation --serverpref --bugs --strict --no_etm --fallback_scsv --enable_pha --ct --noct',
    ),
    ...reading(
      '--legacy_server_connect --no_legacy_server_connect --allow_no_dhe_kex --prioritize_chacha --no_middlebox',
    ),
    ...reading('--record_padding= --split_send_frag= --max_send_frag= --max_pipelines= --read_buf= --maxfraglen='),
    ...reading('--keymatexport= --keymatexportlen= --psk_identity= --nbio_test --ignore_unexpected_eof --serverinfo='),
    ...special('reads a file', '--CAfile= --CApath= --CAstore= --chainCAfile= --chainCApath= --chainCAstore='),
    ...special('reads a file', '--verifyCAfile= --verifyCApath= --verifyCAstore= --requestCAfile= --cert= --key='),
    ...special('reads a file', '--cert_chain= --xkey= --xcert= --xchain= --sess_in= --psk_session= --rand= --CRL='),
    ...special('reads a file', '--pass= --psk= --proxy_pass= --ctlogfile='),
    ...sending(special('sends a file', '--early_data=')),
    ...specialChange('writes a file', '--sess_out= --keylogfile= --msgfile= --writerand='),
    ...special("talks to a local program's socket", '--unix='),
  ],
  { 'connects by way of a proxy': '--proxy' },
)
// Source: openssl-ciphers(1) 3.0.
const cipherOptions = [
  ...reading('-v -V -s --help --tls1 --tls1_1 --tls1_2 --tls1_3 --psk --srp --stdname --convert= --ciphersuites='),
]
// Source: openssl-x509(1) 3.0. It shows a certificate from its standard input.
const certificateOptions = [
  ...reading('--noout --text --subject --issuer --dates --startdate --enddate --serial --fingerprint --sha256 --sha1'),
  ...reading('--ext= --email --purpose --modulus --pubkey --hash --subject_hash --issuer_hash --nameopt= --certopt='),
  ...reading(
    '--checkend= --checkhost= --checkip= --checkemail= --inform= --outform= --alias --ocsp_uri --ocspid --help --dateopt=',
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
    { pattern: ':Connection refused:', hint: 'The host answers, but nothing listens on that port.' },
    {
      pattern: 'wrong version number|packet length too long|http request',
      hint: 'Something is on that port, but it does not speak TLS (or needs `-starttls`).',
    },
    {
      pattern: 'unable to get local issuer|self.signed certificate',
      hint: 'The certificate is not trusted here; it is shown anyway.',
    },
    notInImage,
  ],
  reaches: findHosts,
  insight: opensslInsight,
  measure: measureTls,
  read: (argv) => {
    const [, command = '', ...args] = argv
    const long = args.map((arg) => arg.replace(/^-(?=[A-Za-z]{2}|[A-Za-z0-9_]{2})/, '--'))
    // With an option that it doesn't have, `openssl version` only prints its usage.
    if (command === 'version') return toReading(argv, { opens: [], discloses: false })
    if (command === 'ciphers') {
      const checked = checkArguments('openssl ciphers', readArguments(long, cipherOptions, { wholeNames: true }))
      return toReading(argv, { needs: plainNeeds(checked.effect), special: checked.special, discloses: false })
    }
    if (command === 's_client') {
      const given = readArguments(long, clientOptions, { wholeNames: true })
      const checked = checkArguments('openssl s_client', given)
      return toReading(argv, {
        needs: plainNeeds(checked.effect),
        special: checked.special,
        sendsInput: true,
        discloses: checked.special.length > 0,
        detours: findDetours('openssl s_client', given),
      })
    }
    if (command === 'x509') {
      const given = readArguments(long, certificateOptions, { wholeNames: true })
      const checked = checkArguments('openssl x509', given)
      const filter = checked.effect === 'read' && checked.special.length === 0 && given.operands.length === 0
      if (filter) return toReading(argv, { filter, opens: [], discloses: false })
      return toReading(argv, { needs: plainNeeds(checked.effect), special: checked.special })
    }
    if (command === '')
      return refuse(argv, 'openssl alone is interactive.', 'Name one: `openssl s_client -connect HOST:443`.')
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
