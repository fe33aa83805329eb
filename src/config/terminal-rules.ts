import type { CapabilitySet } from '#core/policy/policy'
import { shellNeedsOf } from '#core/terminal/choose-set-for-shell'
import { shellPowersOf, shellPowerText } from '#core/terminal/shell-powers'
import type { TerminalRule } from '#core/terminal/terminal-limits'
import { defined } from '#core/util/defined'
import type { Note, Path } from '#src/yaml/positions'
import type { File } from './schema.ts'

type FileSet = File['capabilitySets'][string]

/** Defaults of a set with `terminal: shell`. Times in seconds, sizes in bytes. */
const defaults = {
  maxSession: 3_600,
  idle: 600,
  recordInput: 'none',
  maxRecording: 64 * 1_024 * 1_024,
  retention: 30 * 24 * 3_600,
} as const satisfies TerminalRule

/** Maximum duration of a session in seconds. */
const maxSessionSeconds = 12 * 3_600

/** Word in `deny` by which an owner accepts that a shell on a node can't be kept from what is denied. */
export const unenforced = 'unenforced'

const ownKeys = ['maxSession', 'idle', 'recordInput', 'maxRecording', 'retention'] as const

/** Returns what a set says of its shells, merged with that of the sets that it extends; nothing where it gives none. */
export function toTerminalRule(
  own: FileSet,
  bases: readonly CapabilitySet[],
  path: Path,
  mistake: Note,
): Pick<CapabilitySet, 'terminal'> {
  const inherited = bases.flatMap(({ terminal }) => terminal ?? [])
  const isShell = own.terminal === undefined ? inherited.length > 0 : own.terminal === 'shell'
  if (!isShell) {
    const key = ownKeys.find((each) => own[each] !== undefined)
    if (key !== undefined) mistake([...path, key], `"${key}" is for shells; add "terminal: shell", or remove it`)
    if (own.deny.includes(unenforced))
      mistake([...path, 'deny'], `"deny: ${unenforced}" is for shells; tools are always kept from what is denied`)
    if (own.approval === 'none') mistake([...path, 'approval'], '"approval: none" is for shells; leave "approval" out')
    return {}
  }
  const rule: TerminalRule = {
    ...(inherited[0] ?? defaults),
    ...defined({
      maxSession: own.maxSession,
      idle: own.idle,
      recordInput: own.recordInput,
      maxRecording: own.maxRecording,
      retention: own.retention,
    }),
    ...(own.approval === 'none' ? { unapproved: true } : {}),
    ...(own.deny.includes(unenforced) ? { denyUnenforced: true } : {}),
  }
  if (own.approval === 'none' && bases.some(({ approval }) => approval !== undefined))
    mistake([...path, 'approval'], 'a set that it extends requires approval; "approval: none" does not remove that')
  if (rule.maxSession > maxSessionSeconds)
    mistake([...path, 'maxSession'], `a session lasts at most 12h; "${rule.maxSession}s" is longer`)
  if (rule.idle > rule.maxSession) mistake([...path, 'idle'], 'the idle limit is longer than the session itself')
  return { terminal: rule }
}

/** Reports shells that can do more than the owner may have meant, or that can never be opened. */
export function checkShells(
  set: CapabilitySet,
  path: Path,
  { mistake, warning }: { mistake: Note; warning: Note },
): void {
  const { name, terminal, approval } = set
  if (terminal === undefined) return
  const powers = shellPowersOf(shellOnNode(set), set)
  for (const power of powers) {
    const what = `a shell of "${name}" can ${shellPowerText(power, shellOnNode(set), 'its node')}`
    if (approval !== undefined) continue
    if (terminal.unapproved === true) warning([...path, 'approval'], `${what}; nobody approves that ("approval: none")`)
    // On nodes such a shell is refused, with this way out; in pods it isn't.
    else if (power !== 'denied') mistake(path, `${what}; it needs "approval", or "approval: none"`)
  }
  if (terminal.denyUnenforced === true && approval === undefined)
    warning([...path, 'deny'], `a shell of "${name}" on a node reaches what the policy denies ("deny: unenforced")`)
}

function shellOnNode({ capabilities, host }: CapabilitySet): Parameters<typeof shellPowersOf>[0] {
  const target = { kind: 'node' as const, cluster: '', name: '' }
  return { target, facts: {}, needs: shellNeedsOf({ capabilities, host }, 'node') }
}
