import { type Capability, capabilityNames, toCapability } from '#core/request/capability'
import { defined } from '#core/util/defined'
import { corrected, isParseError, nearest, parseError, quoted } from './misunderstood.ts'
import type { ParseError, ShellFlags } from './parsed-shell-command.ts'
import { pipe, type Token } from './token.ts'

/** Flag. `name` is its long name without dashes; `value` is the placeholder of its value, absent for a switch. */
export type Flag = { name: string; short?: string; value?: string; about: string }

/** Flags of `shell`: those of `kubectl retina shell` under the same names, and further ones of this bot. */
export const shellFlags: readonly Flag[] = [
  { name: 'namespace', short: 'n', value: 'NS', about: 'namespace of the pod; `default` if left out' },
  { name: 'context', value: 'CLUSTER', about: 'a cluster other than the default' },
  { name: 'capabilities', short: 'c', value: 'A,B', about: 'exactly these Linux capabilities' },
  { name: 'mount-host-filesystem', short: 'm', about: "the node's file system, read-only, under /host" },
  { name: 'allow-host-filesystem-write', short: 'w', about: 'the same, writable' },
  { name: 'host-pid', about: "the node's processes" },
  { name: 'timeout', value: '30s', about: 'time for the pod to start, 1s to 1h' },
  { name: 'deadline', value: '60s', about: 'time for the tool to finish, 1s to 1h' },
  { name: 'container', value: 'NAME', about: 'a container of the pod' },
  { name: 'selector', short: 'l', value: 'SELECTOR', about: 'everything with these labels, instead of one target' },
  { name: 'all', about: 'every pod of the owner that you name, as in `deploy/web --all`' },
  { name: 'targets', value: 'N', about: 'how many targets you expect, to confirm a large number' },
  { name: 'reason', value: '"…"', about: 'why, for the approvers and the audit log' },
  { name: 'break-glass', about: 'run without approval, where the policy lets you; requires a reason' },
  { name: 'set', value: 'SET', about: 'for a shell: the capability set that gives it' },
  { name: 'dry-run', about: 'show what would happen, without running anything' },
  { name: 'retina-shell-image-repo', value: 'REPO', about: 'another shell image' },
  { name: 'retina-shell-image-version', value: 'TAG', about: 'another version of the shell image' },
  { name: 'apparmor-unconfined', about: 'without AppArmor' },
  { name: 'seccomp-unconfined', about: 'without seccomp' },
]

/** Values of flags as typed, by name. A switch has `true` or `false`. */
export type FlagValues = ReadonlyMap<string, readonly string[]>

/** Returns true where a flag without a value was given, and not taken back by a later one. */
export const isOn = (values: FlagValues, name: string): boolean => values.get(name)?.at(-1) === 'true'

/** Adds a value of a flag to `values`. */
export function addFlag(values: Map<string, string[]>, name: string, value: string): void {
  const before = values.get(name)
  if (before === undefined) values.set(name, [value])
  else before.push(value)
}

/** Reads the flag at index `at`; `next` is the index after it. Phones remove dashes: `-timeout` is `--timeout`. */
export function readFlag(
  tokens: readonly Token[],
  at: number,
  flags: readonly Flag[],
): { flag: Flag; value: string; next: number } | ParseError {
  const token = tokens[at]
  const word = token === undefined || token === pipe ? '' : token.text
  const [, head = '', inline] = /^([^=]*)(?:=([\s\S]*))?$/.exec(word) ?? []
  const found = findFlag(head, word, flags)
  if (found === undefined) return refuseUnknownFlag(tokens, at, word, flags)
  const { flag, glued } = found
  const attachedValue = glued ?? inline
  if (flag.value === undefined) return readSwitch(flag, attachedValue, at)
  const nextToken = tokens[at + 1]
  if (
    attachedValue === undefined &&
    (nextToken === undefined || nextToken === pipe || /^-[A-Za-z-]/.test(nextToken.text))
  ) {
    return parseError('missing-value', `--${flag.name} requires a value, for example \`--${flag.name} ${flag.value}\`.`)
  }
  if (attachedValue !== undefined) return { flag, value: attachedValue, next: at + 1 }
  return { flag, value: nextToken === undefined || nextToken === pipe ? '' : nextToken.text, next: at + 2 }
}

function findFlag(head: string, word: string, flags: readonly Flag[]): { flag: Flag; glued?: string } | undefined {
  const exact = flags.find(({ name, short }) => head === `--${name}` || head === `-${name}` || head === `-${short}`)
  if (exact !== undefined) return { flag: exact }
  if (head.startsWith('--') || findSimilarName(head, flags) !== undefined) return undefined
  const glued = flags.find(({ short, value }) => value !== undefined && short !== undefined && head[1] === short)
  return glued === undefined ? undefined : { flag: glued, glued: word.slice(2) }
}

/** Returns the name of the flag that was probably meant: the most similar one, or the only one with this prefix. */
function findSimilarName(head: string, flags: readonly Flag[]): string | undefined {
  const word = head.replace(/^-+/, '')
  const names = flags.map(({ name }) => name)
  const prefixMatches = names.filter((name) => word.length >= 3 && name.startsWith(word))
  return nearest(word, names) ?? (prefixMatches.length === 1 ? prefixMatches[0] : undefined)
}

function readSwitch(flag: Flag, value: string | undefined, at: number): ReturnType<typeof readFlag> {
  if (value === undefined || value === 'true' || value === 'false') {
    return { flag, value: value ?? 'true', next: at + 1 }
  }
  return parseError('bad-value', `--${flag.name} does not take a value; leave out ${quoted(value)}.`)
}

function refuseUnknownFlag(tokens: readonly Token[], at: number, word: string, flags: readonly Flag[]): ParseError {
  const [head = ''] = word.split('=')
  const name = findSimilarName(head, flags)
  if (name === undefined) {
    const message = `There is no flag ${quoted(head)} here. A tool's own flags go after the tool; \`help flags\` lists those of \`shell\`.`
    return parseError('unknown-flag', message)
  }
  const suggestion = corrected(tokens, at, `--${name}${word.slice(head.length)}`)
  return parseError('unknown-flag', `There is no flag ${quoted(head)}; the closest is --${name}.`, suggestion)
}

/** Parses `30s`, `10m`, `1h30m` or a plain number to seconds; undefined for any other text. */
function toSeconds(text: string): number | undefined {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  const [all, hours = '0', minutes = '0', seconds = '0'] =
    /^(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/.exec(text) ?? []
  return all === undefined || all === '' ? undefined : Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
}

const maxSeconds = 3600

function readTimeFlag(name: string, values: FlagValues): number | undefined | ParseError {
  const text = values.get(name)?.at(-1)
  if (text === undefined) return undefined
  const seconds = toSeconds(text)
  if (seconds !== undefined && seconds >= 1 && seconds <= maxSeconds) return seconds
  return parseError(
    'bad-value',
    `--${name} must be a time from 1s to 1h, such as 30s, 10m or 1h; ${quoted(text)} is not valid.`,
  )
}

function readCapabilities(values: FlagValues): readonly Capability[] | undefined | ParseError {
  const texts = values.get('capabilities')
  if (texts === undefined) return undefined
  const capabilities: Capability[] = []
  for (const word of texts.flatMap((text) => text.split(','))) {
    const capability = toCapability(word)
    if (capability === undefined) {
      const similar = nearest(
        word.replace(/^cap_/i, ''),
        capabilityNames.map((name) => name.toLowerCase()),
      )
      const hint =
        similar === undefined
          ? 'common ones are NET_ADMIN, NET_RAW and SYS_CHROOT'
          : `the closest is ${similar.toUpperCase()}`
      return parseError('unknown-capability', `There is no capability ${quoted(word)}; ${hint}.`)
    }
    capabilities.push(capability)
  }
  return [...new Set(capabilities)].sort()
}

const textFlags = [
  {
    name: 'retina-shell-image-repo',
    form: /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/i,
  },
  { name: 'retina-shell-image-version', form: /^\w[\w.-]{0,127}$/ },
  { name: 'context', form: /^[\w@:./-]{1,253}$/ },
  { name: 'reason', form: /\S/ },
  { name: 'set', form: /^[\w.-]{1,63}$/ },
]

/** Converts values to the flags of `shell`; returns the error of the first invalid one. */
export function toShellFlags(values: FlagValues): ShellFlags | ParseError {
  const invalid = textFlags.find(({ name, form }) => values.get(name)?.some((value) => !form.test(value)))
  if (invalid !== undefined) {
    return parseError(
      'bad-value',
      `${quoted(values.get(invalid.name)?.at(-1) ?? '')} is not a valid value for --${invalid.name}.`,
    )
  }
  const capabilities = readCapabilities(values)
  if (isParseError(capabilities)) return capabilities
  const timeout = readTimeFlag('timeout', values)
  if (isParseError(timeout)) return timeout
  const deadline = readTimeFlag('deadline', values)
  if (isParseError(deadline)) return deadline
  const [imageRepo, imageVersion, , reason, set] = textFlags.map(({ name }) => values.get(name)?.at(-1))
  const write = isOn(values, 'allow-host-filesystem-write')
  return {
    ...defined({ capabilities }),
    mountHostFilesystem: write || isOn(values, 'mount-host-filesystem'),
    allowHostFilesystemWrite: write,
    hostPid: isOn(values, 'host-pid'),
    breakGlass: isOn(values, 'break-glass'),
    apparmorUnconfined: isOn(values, 'apparmor-unconfined'),
    seccompUnconfined: isOn(values, 'seccomp-unconfined'),
    ...defined({ imageRepo, imageVersion, timeout, deadline, reason, set }),
  }
}
