import type { Capability } from '#core/request/capability'
import type { LabelRequirement } from '#core/request/selector'

/** A target as typed: the cluster is the default one where none was named. */
export type TypedTarget =
  | { kind: 'node'; cluster?: string; name: string }
  | { kind: 'pod'; cluster?: string; namespace: string; name: string; container?: string }

/** The flags of `shell`, with the meaning that `kubectl retina shell` gives them. Times in seconds. */
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
}

export type ShellCommand = {
  verb: 'shell'
  target: TypedTarget
  flags: ShellFlags
  /** One argv a stage; empty when no tool was named. */
  pipeline: readonly (readonly string[])[]
  /** True for `--dry-run` and `can-i`: say what would be done, and do nothing. */
  dryRun: boolean
}

/** `shell -l SELECTOR`: the same on everything that the selector matches. */
export type FanOutCommand = {
  verb: 'fan-out'
  from: { kind: 'node'; cluster?: string } | { kind: 'pod'; cluster?: string; namespace: string; container?: string }
  labels: readonly LabelRequirement[]
  /** How many targets the person expects, where they said so. */
  targets?: number
  flags: ShellFlags
  pipeline: readonly (readonly string[])[]
  dryRun: boolean
}

export type Command =
  | ShellCommand
  | FanOutCommand
  | { verb: 'nodes'; cluster?: string; pattern?: string }
  | { verb: 'pods'; cluster?: string; namespace: string; pattern?: string }
  | { verb: 'runs' }
  | { verb: 'show' | 'link'; id: string }
  | { verb: 'rerun' | 'cancel' | 'end'; id: string }
  /** A page of what a run wrote, or its lines that hold `words`. */
  | { verb: 'output'; id: string; page: number; words?: string }
  /** `window`: the approval stands for further requests too, for as long as the policy lets it. */
  | { verb: 'approve'; id: string; window: boolean }
  | { verb: 'deny'; id: string; reason?: string }
  | { verb: 'tools' }
  | { verb: 'approvals' }
  | { verb: 'whoami' }
  | { verb: 'help'; topic?: string }
  | { verb: 'version' }

/** Words that aren't a command, with what was probably meant. */
export type ParseError = {
  verb: 'misunderstood'
  /** Stable name of the mistake, for programs: `unknown-flag`, `shell-syntax`, … */
  code: string
  message: string
  /** The whole command as it should be typed. */
  suggestion?: string
}
