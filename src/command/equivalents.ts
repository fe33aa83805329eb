import { shellQuote } from '#core/util/quote'
import { unitSeconds } from '#core/util/units'
import { toTokens } from './tokens.ts'

/**
 * What to type instead of a program that the shell image doesn't have, or that means nothing here. `text` replaces the
 * stage, and removes it where it is empty; without it there is no equivalent. `flag` goes before the target.
 */
export type Equivalent = { message: string; text?: string; flag?: string }

type Find = (args: readonly string[]) => Equivalent | undefined

const join = (words: readonly string[]) => words.map(shellQuote).join(' ')

/** Returns the same arguments for another name, with an option that gives it the same meaning. */
const renamed =
  (name: string, why: string): Find =>
  (args) => ({ message: why, text: [name, join(args)].filter((part) => part !== '').join(' ') })

const isOption = (arg: string) => /^-./.test(arg)

/** Splits arguments into the options at their beginning, some of which take a value, and what follows them. */
function splitOptions(args: readonly string[], valued: string): { options: string[]; rest: string[] } {
  let at = 0
  while (at < args.length && isOption(args[at] ?? '')) {
    const option = args[at] ?? ''
    if (option === '--') return { options: args.slice(0, at), rest: args.slice(at + 1) }
    at += /^-.$/.test(option) && valued.includes(option.slice(1)) ? 2 : 1
  }
  return { options: args.slice(0, at), rest: args.slice(at) }
}

/** Returns the command that a wrapper runs; one quoted argument is a whole command, too. */
function wrapped(rest: readonly string[]): string | undefined {
  if (rest.length === 0) return undefined
  const [only = ''] = rest
  if (rest.length > 1 || !only.includes(' ')) return join(rest)
  const inside = toTokens(only, false)
  return 'verb' in inside ? undefined : only.trim()
}

/** Returns an equivalent that leaves a wrapper out. `valued`: letters of its options that take a value. */
const unwrapped =
  (message: string, valued = ''): Find =>
  (args) => {
    const text = wrapped(splitOptions(args, valued).rest)
    return text === undefined ? { message } : { message, text }
  }

/** Converts a time of timeout(1), such as `5`, `0.5` or `2m`, to whole seconds from 1 to an hour. */
function toDeadline(text: string): number | undefined {
  const [, number, unit = 's'] = /^(\d{1,9}(?:\.\d{1,9})?)([smhd]?)$/.exec(text) ?? []
  if (number === undefined) return undefined
  return Math.min(3_600, Math.max(1, Math.ceil(Number(number) * (unitSeconds[unit || 's'] ?? 1))))
}

const timeout: Find = (args) => {
  const message = '`--deadline` stops a tool here.'
  const [limit = '', ...rest] = splitOptions(args, 'ks').rest
  const [seconds, text] = [toDeadline(limit), wrapped(rest)]
  return seconds === undefined || text === undefined ? { message } : { message, text, flag: `--deadline ${seconds}s` }
}

const telnet: Find = (args) => {
  const message = 'There is no telnet in the shell image; nc tells whether a port is open.'
  const [host, port = '23'] = args.filter((arg) => !isOption(arg))
  return host === undefined ? { message } : { message, text: `nc -vz ${join([host, port])}` }
}

const tcptraceroute: Find = (args) => {
  const message = 'traceroute does that with -T.'
  const [host, port = '80'] = splitOptions(args, 'filmpqstw').rest
  return host === undefined ? { message } : { message, text: `traceroute -T -p ${join([port, host])}` }
}

const capture: Find = (args) => ({
  message: 'There is no such capture here; tcpdump shows packets.',
  ...(args.every((arg, at) => arg === '-i' || args[at - 1] === '-i') ? { text: `tcpdump ${join(args)}`.trim() } : {}),
})

/** Returns the equivalent of a program that looks into compressed files. */
const zgrep =
  (...options: readonly string[]): Find =>
  (args) => {
    const message = 'zcat reads compressed files, and grep what it prints.'
    const { options: given, rest } = splitOptions(args, 'ABCDdefm')
    const [pattern, ...files] = rest
    if (pattern === undefined || files.length === 0 || given.some((option) => /^-[ef]/.test(option))) return { message }
    return { message, text: `zcat ${join(files)} | grep ${join([...options, ...given, pattern])}` }
  }

const pager: Find = (args) => {
  const files = args.filter((arg) => !isOption(arg) && !arg.startsWith('+'))
  const message = 'A pager needs a terminal; long outputs have pages here.'
  return { message, text: files.length === 0 ? '' : `cat ${join(files)}` }
}

/** Returns the file of the kernel that a program shows when it has no arguments. */
const shownBy =
  (file: string): Find =>
  (args) =>
    args.length === 0 ? { message: `The kernel shows that in ${file}.`, text: `cat ${file}` } : undefined

const brctl: Find = ([verb, name]) => {
  const message = 'brctl is not in the shell image; bridge shows the same.'
  if (verb === 'show') return { message, text: 'bridge link' }
  return verb === 'showmacs' && name !== undefined
    ? { message, text: `bridge fdb show br ${join([name])}` }
    : { message }
}

const kubectl: Find = ([verb, kind = '', ...rest]) => {
  const message = 'Only tools run here, not kubectl: `nodes` and `pods -n NS` list targets.'
  const isPlain = verb === 'get' && rest.every((word) => /^[\w.-]+$/.test(word))
  const isListed = isPlain && /^(?:no|nodes?|po|pods?)$/.test(kind)
  return { message: isListed ? `${message} Ask for that alone, without a target.` : message }
}

const says =
  (message: string): Find =>
  () => ({ message })

const perInterface =
  '`ip -s link` counts the traffic of interfaces, `ss -tni` that of connections, and `tcpdump -c 20` shows packets.'
const environment =
  "That would show the environment of the debug container, which isn't the target's: `cat /proc/PID/environ` shows a process's, where a set names it."

const byName: ReadonlyMap<string, Find> = new Map<string, Find>([
  ['egrep', renamed('grep -E', '`egrep` is `grep -E`.')],
  ['fgrep', renamed('grep -F', '`fgrep` is `grep -F`.')],
  ['rgrep', renamed('grep -r', '`rgrep` is `grep -r`.')],
  ['zgrep', zgrep()],
  ['zegrep', zgrep('-E')],
  ['zfgrep', zgrep('-F')],
  ['gzcat', renamed('zcat', '`gzcat` is `zcat`.')],
  ['netcat', renamed('nc', '`netcat` is `nc`.')],
  ['iperf', renamed('iperf3', 'The shell image has iperf3, which talks to an iperf3 server only.')],
  ['telnet', telnet],
  ['tcptraceroute', tcptraceroute],
  ['traceroute6', renamed('traceroute -6', '`traceroute6` is `traceroute -6`.')],
  ['tracepath6', renamed('tracepath -6', '`tracepath6` is `tracepath -6`.')],
  ['termshark', capture],
  ['tshark', capture],
  ['timeout', timeout],
  ['time', unwrapped('A result says how long its run took.', 'fo')],
  ['watch', unwrapped('`watch` repeats a command without end; it runs once here, and `rerun ID` repeats it.', 'nq')],
  ['nohup', unwrapped('A tool keeps running here, whether its terminal stays or not.')],
  ['stdbuf', unwrapped('Output is shown as it comes.', 'ioe')],
  ['unbuffer', unwrapped('Output is shown as it comes.')],
  ['nice', unwrapped('Tools run with the priority of their container.', 'n')],
  ['exec', unwrapped('Name the tool alone.')],
  ['command', unwrapped('Name the tool alone.')],
  ['tee', () => ({ message: 'The output appears here anyway.', text: '' })],
  ['less', pager],
  ['more', pager],
  ['lsmod', shownBy('/proc/modules')],
  ['mount', shownBy('/proc/mounts')],
  ['brctl', brctl],
  ['kubectl', kubectl],
  ['oc', kubectl],
  [
    'toolbox',
    says('The shell image is the toolbox: name the tool itself, as in `ss -s`; `tools` lists what there is.'),
  ],
  ['iftop', says(perInterface)],
  ['nethogs', says(perInterface)],
  ['nload', says(perInterface)],
  ['bmon', says(perInterface)],
  ['dropwatch', says('There is no dropwatch; `nstat -az` and `ethtool -S INTERFACE` count what is dropped.')],
  [
    'swaks',
    says(
      'There is no swaks; `nc -vz HOST 25` and `openssl s_client -starttls smtp -connect HOST:25` try a mail server.',
    ),
  ],
  ['env', says(environment)],
  ['printenv', says(environment)],
])

/** Returns what to type instead of a stage; undefined where nothing is known. */
export function findEquivalent([name = '', ...args]: readonly string[]): Equivalent | undefined {
  return byName.get(name)?.(args)
}
