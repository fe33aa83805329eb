import type { SpecialArgument, Tool } from '#core/request/tool'
import { curlOptions, urlsOf } from './curl-options.ts'
import { curlInsight } from './insight/curl-insight.ts'
import { measureCurl } from './insight/measure-tool-output.ts'
import {
  type Arguments,
  checkArguments,
  findDetours,
  findFtpDetours,
  isGiven,
  readArguments,
  uniqueSpecial,
  valuesOf,
} from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { bounded, plainNeeds, toReading } from './kit/reading-and-needs.ts'

const readingMethods = ['GET', 'HEAD', 'OPTIONS', 'TRACE']
const bodies = [
  '-d',
  '--data-ascii',
  '--data-binary',
  '--data-raw',
  '--data-urlencode',
  '--json',
  '-F',
  '--form-string',
]
const proxies = ['-x', '--preproxy', '--socks4', '--socks4a', '--socks5', '--socks5-hostname', '--proxy1.0']

// curl expands globs ({a,b}, [1-9]) before it checks the scheme, so the scheme must be present literally.
const webUrl = /^(https?|ftps?|wss?):\/\//i
// URL without a scheme: name or address, port, path. Doesn't match `file:/…` or `{file,http}:`.
const bareHost = /^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.%]+\])(:\d+)?([/?#].*)?$/
const plainProxy = /^([a-z0-9]+:\/\/)?[^/@]*(@[^/@]*)?\/?$/i

export const curl: Tool = {
  name: 'curl',
  about: 'What does an HTTP server answer?',
  examples: [
    'curl -k https://10.0.0.1',
    'curl -sS -o /dev/null -w %{http_code} https://example.org',
    'curl -I example.org',
  ],
  hints: [
    {
      pattern: '^curl: \\(6\\)',
      hint: 'The name was not resolved (curl 6): ask the name server with `dig NAME`.',
    },
    {
      pattern: '^curl: \\(7\\)',
      hint: 'No connection (curl 7): `nc -zv HOST PORT` tells whether the port refuses, is silent, or there is no route.',
    },
    {
      pattern: '^curl: \\(28\\)',
      hint: 'It took too long (curl 28): packets are dropped on the way, or the server is slow; `--max-time SECONDS` allows more time.',
    },
    {
      pattern: '^curl: \\(35\\)',
      hint: 'The TLS handshake failed (curl 35): is it a TLS port at all, and which versions does it speak? Try `-v`.',
    },
    {
      pattern: '^curl: \\(60\\)',
      hint: "The server's certificate isn't trusted here (curl 60), as is usual for an API server: `-k` ignores that.",
    },
    notInImage,
  ],
  reaches: findHosts,
  hostNotation: 'url',
  insight: curlInsight,
  measure: measureCurl,
  read: (argv) => {
    const given = readArguments(removeNoPrefixes(argv.slice(1)), curlOptions)
    const checked = checkArguments('curl', given)
    const isBounded = isGiven(given, '-m', '-h', '-V', '-M')
    const others = uniqueSpecial([...checked.special, ...findLocalProxies(given), ...findOtherSchemes(given)])
    return toReading(isBounded ? argv : bounded(argv, '--max-time', '30'), {
      needs: plainNeeds(changesServer(given, argv) ? 'write' : checked.effect),
      notes: isBounded ? [] : ['--max-time 30: curl would wait longer for an answer that never comes'],
      special: others,
      sendsInput: checked.sendsInput || valuesOf(given, '--url').includes('@-'),
      discloses: others.length > 0,
      detours: [...findDetours('curl', given), ...findFtpDetours('curl', urlsOf(given))],
    })
  },
}

/** Returns the addresses in a command, and the hosts that options make curl connect to. */
function findHosts(argv: readonly string[]): string[] {
  const given = readArguments(removeNoPrefixes(argv.slice(1)), curlOptions)
  const addresses = ['--url', '--doh-url', ...proxies].flatMap((name) => valuesOf(given, name))
  const servers = valuesOf(given, '--dns-servers').flatMap((servers) => servers.split(','))
  const resolved = valuesOf(given, '--resolve').flatMap((value) => behindPort(value).flatMap((each) => each.split(',')))
  const connected = valuesOf(given, '--connect-to').flatMap(behindPort)
  return [
    ...given.operands,
    ...addresses,
    ...servers,
    ...resolved,
    ...connected.filter((each) => !/^(:\d*)?$/.test(each)),
  ]
}

/** Returns the rest of an option's value after HOST:PORT:, or the whole value without such a beginning. */
function behindPort(value: string): string[] {
  const other = /^(\[[^\]]*\]|[^:]*):[^:]*:(.*)$/.exec(value)?.[2]
  return other === undefined && value.startsWith('-') ? [] : [other ?? value]
}

// Replaces `--no-X` by `--X`: it switches off what `--X` switches on, so it has no further effect. `--expand-X` is
// unchanged; it is unknown and therefore counts as `write`.
function removeNoPrefixes(args: readonly string[]): string[] {
  return args.map((arg) =>
    /^--no-/.test(arg) && !/^--no-(buffer|alpn|npn|keepalive|progress-meter|sessionid|ftp-.*)$/.test(arg)
      ? arg.replace('--no-', '--')
      : arg,
  )
}

/** Returns true for a request that asks the server to change something. */
function changesServer(given: Arguments, argv: readonly string[]): boolean {
  const methods = valuesOf(given, '-X').map((method) => method.toUpperCase())
  // `-G` sends the data in the URL instead of a body; `--next` and `--no-get` cancel it.
  const gets = isGiven(given, '-G') && !isGiven(given, '--next') && !argv.some((arg) => arg.startsWith('--no-g'))
  const body = isGiven(given, ...bodies) && !gets
  const form = isGiven(given, '-F', '--form-string', '--json')
  return body || form || methods.some((method) => !readingMethods.includes(method))
}

function findLocalProxies(given: Arguments): SpecialArgument[] {
  return proxies
    .filter((name) => valuesOf(given, name).some((proxy) => !plainProxy.test(proxy)))
    .map((name) => ({ name: `curl ${name}`, why: "it talks to a local program's socket" }))
}

function findOtherSchemes(given: Arguments): SpecialArgument[] {
  return urlsOf(given)
    .filter((url) => !webUrl.test(url) && !bareHost.test(url))
    .map((url) => {
      const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(url)?.[1]?.toLowerCase()
      return scheme === undefined
        ? { name: 'curl URL', why: "its URL isn't clearly http or https" }
        : { name: `curl ${scheme}:`, why: `it speaks ${scheme}, not HTTP` }
    })
}
