import { type Needs, noNeeds, type SpecialArgument, type Tool } from '#core/tool'
import { judge, readArguments, reading, special, specialChange } from './arguments.ts'
import { notInImage } from './hints.ts'
import { bounded, plainNeeds, refuse, toReading } from './reading.ts'

// Source: socat(1) 1.7. What these addresses do is to talk to a host, or to the output.
const plainAddress = /^(-|STDIO|STDIN|STDOUT|STDERR)$/i
const talks = /^(TCP[46]?|TCP[46]?-CONNECT|UDP[46]?|UDP[46]?-CONNECT|OPENSSL|OPENSSL-CONNECT|SSL|UDP[46]?-SENDTO):/i
/** Options of an address that neither name files or programs nor change anything. */
const addressOptions =
  /^(connect-timeout|crnl|crlf|verify=0|verify=1|commonname|snihost|bind|sourceport|nodelay|readbytes|shut-\w+|pf)(=[\w.:-]*)?$/i
const plainOptions = new Set(['-d', '-dd', '-ddd', '-v', '-x', '-u', '-U', '-4', '-6', '-V', '-h', '-?', '-hh'])

export const socat: Tool = {
  name: 'socat',
  about: 'What comes out of a TCP, UDP or TLS port?',
  examples: ['socat -u TCP:10.224.0.4:22,connect-timeout=3 STDOUT', 'socat -V'],
  hints: [
    { pattern: 'Connection refused', hint: 'The host answers, but nothing listens on that port.' },
    { pattern: 'Connection timed out', hint: 'Nothing came back: packets are dropped on the way.' },
    notInImage,
  ],
  read: (argv) => {
    const words = argv.slice(1)
    const addresses = words.filter((word) => !plainOptions.has(word) && !/^-[tTb]/.test(word))
    const special = addresses.flatMap(addressKind)
    const ends = words.some((word) => /^-(T|V|h)/.test(word))
    return toReading(ends ? argv : bounded(argv, '-T', '10'), {
      needs: plainNeeds(special.length === 0 ? 'read' : 'write'),
      notes: ends ? [] : ['-T 10: a connection on which nothing comes would be held'],
      special,
    })
  },
}

function addressKind(address: string): SpecialArgument[] {
  const [place = '', ...options] = address.split(',')
  const known = plainAddress.test(place) || talks.test(place)
  if (known && !address.includes('!!') && options.every((option) => addressOptions.test(option))) return []
  const kind = (/^[A-Za-z0-9-]+/.exec(place)?.[0] ?? 'ADDRESS').toUpperCase()
  return [{ name: `socat ${kind}`, why: 'it may run programs, or read and write files, devices and sockets' }]
}

// Source: openssl-s_client(1) 3.0. OpenSSL's options have names after one dash.
const clientOptions = [
  ...reading('--connect= --host= --port= --servername= --noservername --bind= --showcerts --brief --verify= --status'),
  ...reading('--verify_return_error --verify_hostname= --verify_ip= --verify_email= --verify_quiet --prexit --state'),
  ...reading(
    '--debug --msg --nbio --crlf --quiet --ign_eof --no_ign_eof --tls1 --tls1_1 --tls1_2 --tls1_3 --dtls --ssl3',
  ),
  ...reading('--no_tls1 --no_tls1_1 --no_tls1_2 --no_tls1_3 --cipher= --ciphersuites= --groups= --curves= --sigalgs='),
  ...reading(
    '--alpn= --nextprotoneg= --starttls= --xmpphost= --name= --proxy= --tlsextdebug --security_debug -4 -6 --help',
  ),
  ...reading('--CAstore= --no-CAfile --no-CApath --no-CAstore --purpose= --partial_chain --x509_strict --nocommands'),
  ...reading('--no_ticket --legacy_renegotiation --servername_fallback --timeout --mtu= --async --nameopt= --trace'),
  ...special(
    'reads a file',
    '--CAfile= --CApath= --cert= --key= --cert_chain= --chainCAfile= --sess_in= --psk_session= --rand=',
  ),
  ...special('reads a file', '--verifyCAfile= --CRL= --early_data= --pass= --psk= --proxy_pass= --ctlogfile='),
  ...specialChange('writes a file', '--sess_out= --keylogfile= --msgfile= --writerand='),
  ...special("talks to a local program's socket", '--unix='),
]
// Source: openssl-x509(1) 3.0: reads a certificate from its standard input and shows it.
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
  read: (argv) => {
    const [, command = '', ...words] = argv
    const long = words.map((word) => word.replace(/^-(?=[A-Za-z]{2}|[A-Za-z0-9_]{2})/, '--'))
    if (command === 'version' || command === 'ciphers') return toReading(argv)
    if (command === 's_client') {
      const judged = judge('openssl s_client', readArguments(long, clientOptions, { wholeNames: true }))
      return toReading(argv, { needs: plainNeeds(judged.effect), special: judged.special })
    }
    if (command === 'x509') {
      const given = readArguments(long, certificateOptions, { wholeNames: true })
      const judged = judge('openssl x509', given)
      const filter = judged.effect === 'read' && judged.special.length === 0 && given.operands.length === 0
      return toReading(argv, filter ? { filter } : { needs: plainNeeds(judged.effect), special: judged.special })
    }
    if (command === '')
      return refuse(argv, 'openssl alone asks for commands.', 'Name one: `openssl s_client -connect HOST:443`.')
    const why = 'it works with keys and files'
    return toReading(argv, { needs: plainNeeds('write'), special: [{ name: `openssl ${command}`, why }] })
  },
}

/** The node's container runtime, whose socket is root on the node to whoever reaches it. */
const runtimeNeeds: Needs = {
  ...noNeeds,
  capabilities: ['SYS_CHROOT'],
  host: { filesystem: 'read-write', pid: false },
  effect: 'write',
  user: 'root',
}

export const crictl: Tool = {
  name: 'crictl',
  about: "Which containers does the node's runtime have?",
  examples: ['crictl ps', 'crictl inspect CONTAINER', 'crictl logs --tail 50 CONTAINER'],
  hints: [
    {
      pattern: 'validate service connection|connect: permission denied',
      hint: 'The runtime did not answer: `systemctl status containerd`.',
    },
    {
      pattern: 'No such file or directory|not found',
      hint: 'The node has no crictl; its runtime may have `ctr` or `docker`.',
    },
  ],
  // Reading or not: who reaches the runtime's socket is root on the node, so the request asks for that.
  read: (argv) => {
    if (['exec', 'attach', 'port-forward'].includes(argv.find((word, at) => at > 0 && !word.startsWith('-')) ?? '')) {
      return refuse(
        argv,
        `crictl ${argv[1]} runs programs in other containers.`,
        'Name the pod as the target: `shell -n NS pod/NAME …`.',
      )
    }
    return toReading(argv, {
      needs: runtimeNeeds,
      notes: ["crictl talks to the runtime's socket, which is as good as root on the node"],
      viaChroot: true,
    })
  },
}
