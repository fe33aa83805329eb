import { mergeNeeds, type Needs, noNeeds, plainReading, type Reading } from './tool.ts'

/**
 * Access that paths give. `disk`: to the node's file system; `pid`: to the node's processes; `process`: to files,
 * memory or the environment of a process, which may be another container's; `settings`: to those of the kernel.
 */
type FileAccess = { disk: boolean; pid: boolean; process: boolean; settings: boolean }

const noAccess: FileAccess = { disk: false, pid: false, process: false, settings: false }
const processAccess: FileAccess = { ...noAccess, disk: true, pid: true, process: true }

/** Symbolic links of every Linux container, by the path that they replace. Source: proc(5), hier(7). */
const links: ReadonlyMap<string, readonly string[]> = new Map([
  ['dev/fd', ['proc', 'self', 'fd']],
  ['dev/stdin', ['proc', 'self', 'fd', '0']],
  ['dev/stdout', ['proc', 'self', 'fd', '1']],
  ['dev/stderr', ['proc', 'self', 'fd', '2']],
  // The node's own links are absolute: they lead to the container's files.
  ['host/dev/fd', ['proc', 'self', 'fd']],
  ['proc/net', ['proc', 'self', 'net']],
  ['proc/mounts', ['proc', 'self', 'mounts']],
  ['proc/thread-self', ['proc', 'self', 'task', 'self']],
  ['var/run', ['run']],
])

/** Files of a process that show no more of it than `ps` does. Any other file of a process counts as its own data. */
const plainFiles = new Set(
  `autogroup cgroup cmdline comm cpuset gid_map io limits loginuid mountinfo mounts mountstats net ns oom_adj oom_score
  oom_score_adj projid_map sched schedstat sessionid setgroups stat statm status task timerslack_ns uid_map wchan`.split(
    /\s+/,
  ),
)

/** Files of a process that lead to other disks and to memory: under /host/proc they reach what is masked in /host. */
const leadsElsewhere = new Set('cwd exe fd fdinfo map_files mem pagemap root'.split(' '))

/** Files of the whole memory. */
const memoryFiles = new Set('kcore kpagecgroup kpagecount kpageflags vmcore'.split(' '))

/** Returns true for a folder of a process, as segments, that has its other files below it. */
const isAbove = (own: readonly string[]) => own.length === 0 || (own[0] === 'task' && own.length < 3)

const hasGlob = (segment: string | undefined) => /[*?[\]{}]/.test(segment ?? '')
const isProcess = (segment: string | undefined) => /^(\d+|self|thread-self)$/.test(segment ?? '') || hasGlob(segment)

/** Returns the access that a place in the file system gives, as segments of its path; a glob stands for any name. */
function accessOf(place: readonly string[], walks: Reading['walks']): FileAccess {
  const [top, ...below] = place
  if (top === undefined) return walks === undefined ? noAccess : processAccess
  return union(
    top === 'host' || hasGlob(top) ? accessInHost(below, walks) : noAccess,
    top === 'proc' || hasGlob(top) ? accessInProc(below, walks) : noAccess,
  )
}

function accessInHost(place: readonly string[], walks: Reading['walks']): FileAccess {
  const [top, process, ...names] = place
  const isInProcess = (top === 'proc' || hasGlob(top)) && isProcess(process)
  const leads = isInProcess && names.some((name) => leadsElsewhere.has(name) || hasGlob(name))
  const passesAll = walks !== undefined && (top === undefined || (top === 'proc' && isAbove(names)))
  return { ...noAccess, disk: true, pid: isInProcess || passesAll, process: leads || (passesAll && walks === 'links') }
}

function accessInProc(place: readonly string[], walks: Reading['walks']): FileAccess {
  const [process, ...own] = place
  if (process !== undefined && !isProcess(process)) {
    if (memoryFiles.has(process)) return processAccess
    return { ...noAccess, settings: (process === 'sys' && own.length > 0) || process === 'sysrq-trigger' }
  }
  // A program outside the catalogue may go on from any folder of another process.
  if (walks !== undefined && (isAbove(own) || (walks === 'links' && process !== 'self'))) return processAccess
  const [name, child, ...more] = own[0] === 'task' && own.length > 2 ? own.slice(2) : own
  // The list of the tool's own open files, and its standard streams.
  const isOwnStream = process === 'self' && name === 'fd' && /^[012]?$/.test(child ?? '') && more.length === 0
  const isPlain = name === undefined || plainFiles.has(name) || (isOwnStream && walks === undefined)
  if (!isPlain) return processAccess
  return { ...noAccess, pid: process !== undefined && process !== 'self' }
}

const union = (one: FileAccess, other: FileAccess): FileAccess => ({
  disk: one.disk || other.disk,
  pid: one.pid || other.pid,
  process: one.process || other.process,
  settings: one.settings || other.settings,
})

/** Place in the file system: the first segments of its path, which decide about access, and how many follow them. */
type Place = { first: readonly string[]; further: number }

const root: Place = { first: [], further: 0 }

/** Number of segments that decide about access, as in /host/proc/PID/task/TID/cwd. */
const decidingSegments = 6

/** Maximum number of `..` in a path that is followed. A path with more counts as one to files of processes. */
const maxParents = 16

function enter({ first, further }: Place, segment: string): Place {
  if (first.length === decidingSegments) return { first, further: further + 1 }
  const next = [...first, segment]
  return { first: links.get(next.join('/')) ?? next, further: 0 }
}

// Before `..` there may be a symbolic link to anywhere, so that the path may go on from the root or from /proc.
function leave({ first, further }: Place): Place[] {
  const parent = further > 0 ? { first, further: further - 1 } : { first: first.slice(0, -1), further: 0 }
  return [parent, root, { first: ['proc'], further: 0 }]
}

/**
 * Returns the access that a path gives, absolute or relative to the root. Every place that it passes through counts.
 */
function accessOfPath(path: string, walks: Reading['walks']): FileAccess {
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.')
  const parents = segments.filter((segment) => segment === '..').length
  if (parents > maxParents) return processAccess
  // A word such as `10.0.0.*/24` or `text/html` is no path that leads out of the working folder, which is the root.
  const leaves = path.startsWith('/') || parents > 0 || /^(proc|host|dev)$/.test(segments[0] ?? 'proc')
  if (!leaves) return noAccess
  let places: readonly Place[] = [root]
  let access = noAccess
  for (const segment of segments) {
    const next = places.flatMap((place) => (segment === '..' ? leave(place) : [enter(place, segment)]))
    places = [...new Map(next.map((place) => [`${place.first.join('/')} ${place.further}`, place])).values()]
    const changed = places.filter(({ further }) => further === 0)
    access = changed.reduce((sum, { first }) => union(sum, accessOf(first, undefined)), access)
  }
  const last = places.filter(({ further }) => further === 0)
  return last.reduce((sum, { first }) => union(sum, accessOf(first, walks)), access)
}

const webAddress = /^(-\w|--[\w-]+=)?(https?|wss?|ftps?):\/\//i

/**
 * Returns the parts of a word that may be paths: in options (`-f/x`, `--file=/x`), after `@` and `<`, in `file:` URLs,
 * in lists and in addresses such as `OPEN:/x,rdonly`.
 */
function pathsIn(word: string): string[] {
  if (webAddress.test(word)) return []
  const decoded = word.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  const pieces = [word, decoded]
    .flatMap((text) => text.replaceAll(/file:\/\/[^/\s]*/gi, ' ').split(/[\s,;:"'<>()=@|&`]+/))
    .flatMap((piece) => (piece.startsWith('-') ? [piece.replace(/^-+\w?/, ''), ...glued(piece)] : [piece]))
  return [...new Set([word, ...pieces])].filter((piece) => piece.includes('/') || piece === '.' || piece === '..')
}

/** Returns what follows the letters of an option, from the first slash and from the first `proc`. */
const glued = (piece: string): string[] =>
  [/\.{0,2}\//, /proc\//].flatMap((form) => {
    const index = piece.search(form)
    return index === -1 ? [] : [piece.slice(index)]
  })

/**
 * Adds to a reading what its paths need. The node's files need its file system. Files of processes need the node's file
 * system and processes on a node, and everywhere a set that names them as a special argument (`cat /proc/PID`).
 */
export function addFileAccess(tool: string, reading: Reading, on: 'node' | 'pod'): Reading {
  const paths = reading.opens.flatMap((word) => pathsIn(word))
  const access = paths.reduce((sum, path) => union(sum, accessOfPath(path, reading.walks)), noAccess)
  const setsKernel = reading.needs.effect === 'write' && access.settings
  if (!access.disk && !access.pid && !access.process && !setsKernel) return reading
  const special = [
    ...reading.special,
    ...(access.process
      ? [{ name: `${tool} /proc/PID`, why: 'it opens files, memory or the environment of processes' }]
      : []),
    ...(setsKernel ? [{ name: `${tool} /proc/sys`, why: 'it may change how the kernel is set' }] : []),
  ]
  // A pod shows the files of its own processes only; what is under /host is the node's anywhere.
  const isNodes = on === 'node' || !access.process
  const host: Needs['host'] = {
    filesystem: setsKernel && on === 'node' ? 'read-write' : access.disk && isNodes ? 'read-only' : 'none',
    pid: access.pid && on === 'node',
  }
  const user = host.filesystem !== 'none' || host.pid ? 'root' : 'nonroot'
  return {
    ...reading,
    filter: false,
    special,
    throughProcess: access.process && on === 'node',
    needs: mergeNeeds(reading.needs, { ...noNeeds, host, user }),
  }
}

/** Programs that print their arguments alone: their output discloses nothing. */
export const speakers: ReadonlySet<string> = new Set(['echo', 'printf', 'true', 'seq', 'yes'])

/** Programs outside the catalogue that work on text, and are known not to send it anywhere. */
const textTools = new Set(
  `awk base64 basename cmp column comm diff dirname expand fmt fold gawk hexdump join less mawk md5sum more nl od paste
  pr rev sed sha1sum sha256sum sha512sum shuf split strings tac tee tsort unexpand xxd zcat`
    .split(/\s+/)
    .concat([...speakers]),
)

/**
 * Returns the reading of a program that isn't in the catalogue: it may do anything, so it counts as `write` (T11), may
 * send its input away, and may open what is below /proc.
 */
export function readUnknown(argv: readonly string[], on: 'node' | 'pod'): Reading {
  const [name = ''] = argv
  const reading = plainReading(argv)
  const walks = reading.opens.some((word) => /(^|[^\w.-])proc(\/|$)/.test(word)) ? ({ walks: 'links' } as const) : {}
  const unknown: Reading = {
    ...reading,
    ...walks,
    needs: { ...noNeeds, effect: 'write' },
    sendsInput: !textTools.has(name),
  }
  return addFileAccess(name, unknown, on)
}
