import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Text of about `length` characters that is meant to make a reader slow. */
export type HostileText = { name: string; of: (length: number) => string }

const times = (piece: string, length: number) => piece.repeat(Math.ceil(length / piece.length))

/** The same piece again and again. */
const pieces: readonly (readonly [string, string])[] = [
  ['hyphens', '-'],
  ['en dashes', '\u2013'],
  ['em dashes', '\u2014'],
  ['horizontal bars', '\u2015'],
  ['en and em dashes', '\u2013\u2014'],
  ['dashes between spaces', '\u2013 '],
  ['dashes between letters', '\u2014a'],
  ['minus signs', '\u2212'],
  ['carriage returns', '\r'],
  ['carriage returns and spaces', '\r '],
  ['line ends', '\n'],
  ['line ends of Windows', '\r\n'],
  ['carriage returns before a letter', '\r\rx'],
  ['spaces', ' '],
  ['tabs', '\t'],
  ['spaces and tabs', ' \t'],
  ['spaces of no width', '\u200b'],
  ['joiners', '\u200d'],
  ['soft hyphens', '\u00ad'],
  ['marks of direction', '\u202e'],
  ['isolates of direction', '\u2066\u2069'],
  ['combining marks', '\u0301'],
  ['a letter with many marks', 'a\u0301\u0302\u0303'],
  ['tag characters', '\u{e0041}'],
  ['variation selectors', '\ufe0f'],
  ['half surrogates', '\ud800'],
  ['other halves', '\udc00'],
  ['emoji', '\u{1f600}'],
  ['full-width digits', '\uff11\uff0e'],
  ['ideographic full stops', '1\u3002'],
  ['NUL', '\0'],
  ['escape', '\u001b'],
  ['colours half open', '\u001b['],
  ['colours that go on', '\u001b[1;31;'],
  ['links half open', '\u001b]8;;'],
  ['C1 controls', '\u009b'],
  ['tokens begun', 'eyJ-'],
  ['tokens begun with dots', 'eyJaaaaaaaa.'],
  ['tokens begun and long', 'eyJabcdefghijkl'],
  ['tokens of two parts', 'eyJ-aaaaaaaa.-eyJaaaaaaaa'],
  ['cloud keys begun', 'AKIA'],
  ['cloud keys cut', 'AKIA0123456789ABCDE-'],
  ['chat tokens begun', 'xoxb-'],
  ['code tokens begun', 'ghp_'],
  ['keys begun', '-----BEGIN '],
  ['keys begun, of a kind', '-----BEGIN PRIVATE KEY-----'],
  ['keys ended', '-----END '],
  ['keys whose kind goes on', 'PRIVATE KEY '],
  ['capital letters', 'A'],
  ['passwords', 'password'],
  ['passwords without a value', 'password='],
  ['passwords with a quote', 'password="'],
  ['passwords with the other quote', "password='"],
  ['passwords far from their value', 'password \t'],
  ['secrets', 'secret='],
  ['signatures', '&sig='],
  ['headers', 'authorization: bearer '],
  ['addresses begun', 'a://'],
  ['addresses with a name', 'a://b:'],
  ['schemes', 'a+'],
  ['schemes with dots', 'a.b-c+'],
  ['marks of redaction begun', '[redacted: '],
  ['marks of redaction', '[redacted: token]'],
  ['hashes', 'root:$6$'],
  ['round brackets', '('],
  ['square brackets', '['],
  ['curly brackets', '{'],
  ['curly brackets with commas', '{,'],
  ['curly brackets with dots', '{..'],
  ['angle brackets', '<'],
  ['links of Slack begun', '<a'],
  ['mentions of Slack', '<@U1>'],
  ['mentions of Teams begun', '<at>'],
  ['entities begun', '&amp'],
  ['entities', '&amp;'],
  ['ampersands', '&'],
  ['single quotes', "'"],
  ['double quotes', '"'],
  ['curly quotes', '\u201c\u2019'],
  ['backslashes', '\\'],
  ['backslashes and quotes', '\\"'],
  ['ticks', '`'],
  ['ticks and letters', '`a'],
  ['stars', '*'],
  ['stars and letters', '*a'],
  ['question marks', '?'],
  ['commas', ','],
  ['commas and letters', 'a,'],
  ['labels', 'a=,'],
  ['equals signs', 'a='],
  ['exclamation marks', '!'],
  ['lists of labels', 'a in (b),'],
  ['per cent signs', '%'],
  ['percent codes', '%41'],
  ['percent codes half', '%4'],
  ['digits', '1'],
  ['zeros', '0'],
  ['digits and dots', '1.'],
  ['digits and colons', '1:'],
  ['hexadecimal digits', 'f'],
  ['hexadecimal digits and colons', 'f:'],
  ['two colons', '::'],
  ['dots', '.'],
  ['slashes', '/'],
  ['slashes and dots', '/../'],
  ['at signs', '@'],
  ['at signs and letters', 'a@'],
  ['plus signs', '+a'],
  ['pipes', '|'],
  ['pipes between words', '|a '],
  ['hash signs', '#'],
  ['dollar signs', '$'],
  ['semicolons', ';'],
  ['letters', 'a'],
  ['words', 'a '],
  ['flags', '-n a '],
  ['long flags', '--reason=a '],
  ['flags of two letters', '-aa'],
  ['nested lists', '[1,'],
  ['nested objects', '{"a":'],
  ['brackets closed', '[]'],
  ['JSON lines', '{"PRIORITY":"3"}\n'],
]

/** Texts whose parts differ. */
const shapes: readonly HostileText[] = [
  { name: 'a carriage return that never ends a line', of: (length) => `${times('\r', length)}x` },
  { name: 'fences one in the other', of: (length) => fences(Math.floor(Math.sqrt(length))) },
  { name: 'a fence without an end', of: (length) => `${times('`', length / 2)} ${times('` ', length / 2)}` },
  { name: 'a quote without an end', of: (length) => `"${times('\\a', length)}` },
  { name: 'spaces and a letter', of: (length) => `${times(' ', length)}x` },
  { name: 'a key without an end', of: (length) => `-----BEGIN PRIVATE KEY-----${times('-----END ', length)}` },
  { name: 'a key of many kinds', of: (length) => `-----BEGIN ${times('PRIVATE KEY', length)}` },
  { name: 'a link without an end', of: (length) => `<${times('a|', length)}` },
  { name: 'digits and a letter', of: (length) => `${times('9', length)}x` },
  { name: 'an address of Slack in pieces', of: (length) => `<https://${times('a', length)}|${times('a', length)}>` },
  { name: 'nested JSON', of: (length) => `${times('{"a":', length / 2)}1${'}'.repeat(Math.ceil(length / 10))}` },
  { name: 'lines of one word', of: (length) => times('word\n', length) },
  { name: 'lines of 4,000 characters', of: (length) => times(`${'a '.repeat(1_999)}\n`, length) },
]

function fences(depth: number): string {
  const marks = Array.from({ length: depth }, (_each, at) => '`'.repeat(depth - at))
  return `${marks.join(' ')} a ${marks.toReversed().join(' ')}`
}

export const hostileTexts: readonly HostileText[] = [
  ...pieces.map(([name, piece]) => ({ name, of: (length: number) => times(piece, length) })),
  ...shapes,
]

const fixtures = join(import.meta.dirname, '../fixtures')

/** Returns the recorded outputs of a tool. */
export function recordedOutputs(tool: string): readonly { name: string; text: string }[] {
  const files = readdirSync(join(fixtures, tool)).filter((file) => file.endsWith('.txt'))
  return files.map((file) => ({ name: `${tool}/${file}`, text: readFileSync(join(fixtures, tool, file), 'utf8') }))
}

/** Outputs with as many different values as they have lines, by tool. */
export const manyValues: Readonly<Record<string, HostileText>> = {
  ip: {
    name: 'links of which each has an MTU of its own',
    of: (length) =>
      lines(length / 60, (at) => `${at}: eth${at}: <BROADCAST,UP> mtu ${at} qdisc noqueue state UP mode DEFAULT`),
  },
  iperf3: {
    name: 'ends of many streams',
    of: (length) =>
      `${lines(length / 70, (at) => `[SUM]   ${at}.00-${at + 1}.00   sec  1.00 MBytes  8.00 Mbits/sec`)}
${lines(length / 70, () => '[  5]   0.00-1.00   sec  1.00 MBytes  8.00 Mbits/sec    0             sender')}
[SUM]   0.00-1.00   sec  1.00 MBytes  8.00 Mbits/sec    0             sender
[SUM]   0.00-1.00   sec  1.00 MBytes  8.00 Mbits/sec                  receiver`,
  },
  iptables: {
    name: 'a table of many columns and many lines',
    of: (length) => `Chain INPUT (policy ACCEPT)\n target prot ${times('x ', length / 2)}\n${times('a\n', length / 2)}`,
  },
  traceroute: {
    name: 'a hop that answered often',
    of: (length) => `traceroute to a (10.0.0.1), 30 hops max\n 1  a (10.0.0.1)  ${times('1.0 ms ', length)}`,
  },
  conntrack: {
    name: 'connections of which each has an address of its own',
    of: (length) =>
      lines(length / 50, (at) => `tcp 6 1 SYN_SENT src=10.0.0.1 dst=10.0.0.${at} sport=1 dport=2 [UNREPLIED] x`),
  },
  tcpdump: {
    name: 'packets of which each has an address of its own',
    of: (length) =>
      `${lines(length / 60, (at) => `00:00:00.1 IP a.1 > h${at}.2: Flags [S], seq 1`)}\n9 packets captured`,
  },
}

function lines(count: number, of: (at: number) => string): string {
  return Array.from({ length: Math.ceil(count) }, (_each, at) => of(at)).join('\n')
}

/** Parts of a line that are made long: each stands for one kind of character that expressions repeat. */
const stretched: readonly (readonly [string, RegExp])[] = [
  ['spaces', /[ \t]+/],
  ['digits', /\d+/],
  ['a word', /[A-Za-z]+/],
  ['a field', /\S+/],
]

/**
 * Returns outputs that look like a recorded one but for one line, in which a part is as long as the text: the first, a middle or the last of its
 * kind, alone or with the text before it.
 */
export function stretchedOutputs({ name, text }: { name: string; text: string }): readonly HostileText[] {
  const lines = text.split('\n')
  const chosen = [...new Set([0, 1, 2, Math.floor(lines.length / 2), lines.length - 3, lines.length - 2])].filter(
    (at) => (lines[at] ?? '') !== '',
  )
  return chosen.flatMap((at) => {
    const line = lines[at] ?? ''
    const around = (other: string) => [...lines.slice(0, at), other, ...lines.slice(at + 1)].join('\n')
    const whole: HostileText = {
      name: `${name}, line ${at + 1} many times`,
      of: (length) => around(times(line, length)),
    }
    const lineByLine: HostileText = {
      name: `${name}, line ${at + 1} on many lines`,
      of: (length) => around(times(`${line}\n`, length)),
    }
    const parts = stretched.flatMap(([what, pattern]) =>
      [...line.matchAll(new RegExp(pattern, 'g'))]
        .filter((_match, index, all) => index === 0 || index === all.length - 1 || index === all.length >> 1)
        .map((match): HostileText => {
          const [before, after] = [line.slice(0, match.index), line.slice(match.index + match[0].length)]
          const label = `${name}, line ${at + 1}, ${what} at ${match.index}`
          return { name: label, of: (length) => around(`${before}${times(match[0], length)}${after}\u0001`) }
        }),
    )
    return [whole, lineByLine, ...parts]
  })
}
