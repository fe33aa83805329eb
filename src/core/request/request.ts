import type { Instant } from '#core/util/instant'
import type { Destination } from './destination.ts'
import type { Target, TargetFacts } from './target.ts'
import type { Needs, SpecialArgument } from './tool.ts'

/**
 * The human, one per person over all platforms: who asks in Slack and approves in Teams is the same one.
 * `id` is stable (a verified e-mail, else `slack:user/TEAM/USER`), never a display name.
 * `groups` holds everything a grant's `to` may name besides the id: `group:NAME`, `slack:usergroup/S…`, `slack:user/TEAM/USER`.
 */
export type Principal = { id: string; name: string; groups: readonly string[] }

export type Platform = 'slack' | 'teams' | 'web' | 'console'

/** One account on one platform, by stable ids alone: enough to ask the platform again who it is. `team` is the workspace or tenant. */
export type AccountRef = { platform: Platform; team: string; user: string }

/** An account's own name in grants and groups: `slack:user/TEAM/USER`. */
export function accountText({ platform, team, user }: AccountRef): string {
  return `${platform}:user/${team}/${user}`
}

/** Where an answer belongs. `team` is the workspace or tenant, `thread` the message that it hangs under. */
export type ThreadRef = { platform: Platform; team: string; channel: string; thread?: string }

/** One message that the bot wrote: plain data, so that any process may edit it. */
export type MessageRef = { platform: Platform; team: string; channel: string; message: string; thread?: string }

/** A reference to no message, for what stands nowhere yet. */
export function noMessage({ platform, team, channel }: ThreadRef): MessageRef {
  return { platform, team, channel, message: '' }
}

/** One tool of a pipeline with its arguments. */
export type Stage = {
  tool: string
  /** The words as given. */
  given: readonly string[]
  /** The words that run, after bounding and, where the node's own program is meant, `chroot /host`. */
  argv: readonly string[]
  /** All tools that a set must name for this stage; empty for a filter that reads standard input alone. */
  tools: readonly string[]
  special: readonly SpecialArgument[]
  /** False for a tool outside the catalogue: it runs only under a set that says `'*'`. */
  known: boolean
}

/** What somebody asked to run, complete: the policy judges this and nothing else. */
export type ToolRequest = {
  id: string
  /** The person as they were when they asked; who they are by now is asked of `account`. */
  by: Principal
  account: AccountRef
  target: Target
  facts: TargetFacts
  pipeline: readonly Stage[]
  needs: Needs
  /** Where its tools are pointed at, as far as their words tell. */
  destinations: readonly Destination[]
  /** What was worked out and added, in words ("NET_ADMIN, NET_RAW for iptables"). */
  added: readonly string[]
  /** Another image than the configured one, as `repo:version`. */
  image?: string
  /** Seconds until the pod must run, if the person said so. */
  startTimeout?: number
  /** Seconds until the tool must have ended, if the person said so. */
  deadline?: number
  reason?: string
  /** True where the person asked to go on without the approval that would be needed. */
  breakGlass?: boolean
  thread: ThreadRef
  at: Instant
  /** The command as it was typed, so that it can be run again. `plain`: the same for people to change. `entities`: `&`, `<`, `>` stand as HTML entities in it. */
  typed: { text: string; entities: boolean; plain?: string }
}

/** `slack:channel/C0INCIDENT`: how a grant's `in` names a channel. */
export function channelText(thread: ThreadRef): string {
  return `${thread.platform}:channel/${thread.channel}`
}

const plainWord = /^[A-Za-z0-9_@%+=:,./-]+$/

/** One word as it would be typed: quoted only where it has to be. */
export function wordText(word: string): string {
  return plainWord.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** A text as one word of a command, from a form; signs that mean something between double quotes are left out. Empty for none. */
export function inQuotes(text: string | null | undefined): string {
  const clean = (text ?? '').replaceAll(/["\\`$\r\n]/g, ' ').trim()
  return clean === '' ? '' : `"${clean}"`
}

/** A pipeline as it would be typed: `iptables -nvL | head -n 2`. */
export function pipelineText(pipeline: readonly (readonly string[])[]): string {
  return pipeline.map((argv) => argv.map(wordText).join(' ')).join(' | ')
}
