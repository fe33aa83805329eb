import type { Capability } from '#core/request/capability'
import type { Owner } from '#core/request/owner'
import type { LabelRequirement } from '#core/request/selector'

/** Target as typed. Without `cluster` it is in the default cluster. */
export type TypedTarget =
  | { kind: 'node'; cluster?: string; name: string }
  | { kind: 'pod'; cluster?: string; namespace: string; name: string; container?: string }

/** Owner as typed, one of whose pods is the target. */
export type TypedOwner = { kind: 'owner'; cluster?: string; namespace: string; owner: Owner; container?: string }

/** Flags of `shell`, with the same meaning as in `kubectl retina shell`. Times in seconds. */
export type ShellFlags = {
  capabilities?: readonly Capability[]
  mountHostFilesystem: boolean
  allowHostFilesystemWrite: boolean
  hostPid: boolean
  breakGlass: boolean
  apparmorUnconfined: boolean
  seccompUnconfined: boolean
  imageRepo?: string
  imageVersion?: string
  timeout?: number
  deadline?: number
  reason?: string
  /** Capability set that is to give a shell. */
  set?: string
}

export type ShellCommand = {
  verb: 'shell'
  target: TypedTarget
  flags: ShellFlags
  /** One argv per stage; empty when no tool was named. */
  pipeline: readonly (readonly string[])[]
  /** True for `--dry-run` and `can-i`: the reply describes the plan, and nothing is run. */
  dryRun: boolean
  /** Texts about how the target was understood, for the reply. */
  notes?: readonly string[]
}

/** `shell deploy/NAME`: a command on one pod of an owner, which is chosen when the command is handled. */
export type OwnerCommand = Omit<ShellCommand, 'verb' | 'target'> & { verb: 'owner'; target: TypedOwner }

/** `shell -l SELECTOR`: the same command on every target that the selector matches. */
export type FanOutCommand = {
  verb: 'fan-out'
  from:
    | { kind: 'node'; cluster?: string }
    /** With `owner`, only its pods (`--all`). */
    | { kind: 'pod'; cluster?: string; namespace: string; container?: string; owner?: Owner }
  labels: readonly LabelRequirement[]
  /** Number of targets that the person expects (`--targets`). */
  targets?: number
  flags: ShellFlags
  pipeline: readonly (readonly string[])[]
  dryRun: boolean
  /** Texts about how the targets were understood, for the reply. */
  notes?: readonly string[]
}

export type HelpCommand = { verb: 'help'; topic?: string }

/** Input that can't be parsed as a command, with the command that was probably meant. */
export type ParseError = {
  verb: 'misunderstood'
  /** Stable error code for programs: `unknown-flag`, `shell-syntax`, … */
  code: string
  message: string
  /** The complete corrected command. */
  suggestion?: string
}
