import type { RecordingSummary } from '#core/recording/session-recording'
import type { Instant } from '#core/util/instant'
import type { TerminalRule } from './terminal-limits.ts'

/** Container in which the shell of a session runs. `cluster`: its name in the configuration. */
export type ShellPlace = { cluster: string; namespace: string; pod: string; container: string }

/** Public half of the key pair that a browser made for a session: coordinates of a point on P-256, in base64url. */
export type BrowserKey = { x: string; y: string }

/** State of an interactive session, as a part of its run. The run's own state says whether it is open. */
export type TerminalSession = {
  /** Time after which it ends in any case. */
  until: Instant
  /** Seconds without a key or output after which it ends. */
  idle: number
  /** Time of the last key or output, as far as it is stored. */
  activeAt: Instant
  /** The link that nobody has used yet: SHA-256 (hex) of its token, and the time until which it is valid. */
  link?: { hash: string; until: Instant }
  /** Hashes of earlier links, the newest first, so that the page says why an earlier one doesn't work. */
  spent: readonly { hash: string; why: 'used' | 'replaced' }[]
  /** Key of the only browser that may connect. */
  browser?: { key: BrowserKey; at: Instant }
  /** Number of the newest connection; earlier ones are closed. */
  connection: number
  /** Time until which a process holds the connection, unless it renews that. Absent before the first one. */
  attachedUntil?: Instant
  /** Container of the shell, once it was made. */
  place?: ShellPlace
  /** Recording of the session, once it ended. */
  recording?: RecordingSummary
  /** Present once the container is removed. */
  removed?: true
}

/** Seconds for which a link can be used. */
const linkSeconds = 300
/** Seconds without a connection after which a shell is hung up. */
export const detachedSeconds = 120

/** Seconds for which a session's container may exist beyond the longest session, for its end to be shown. */
const containerGraceSeconds = 60

/** Returns the maximum lifetime of a session's container, in seconds. `maxSession`: maximum length of the session, in seconds. */
export function containerSeconds(maxSession: number): number {
  return maxSession + containerGraceSeconds
}

/** Maximum number of earlier links that are remembered. */
const maxSpent = 8

/** Returns the state of a session that opens now. */
export function newTerminalSession(rule: Pick<TerminalRule, 'maxSession' | 'idle'>, now: Instant): TerminalSession {
  const until = new Date(Date.parse(now) + rule.maxSession * 1_000).toISOString()
  return { until, idle: rule.idle, activeAt: now, spent: [], connection: 0 }
}

/** Returns the session with a new link; an earlier one that wasn't used is no longer valid. */
export function withLink(session: TerminalSession, hash: string, now: Instant): TerminalSession {
  const { link, ...rest } = session
  const spent = link === undefined ? session.spent : [{ hash: link.hash, why: 'replaced' as const }, ...session.spent]
  const until = new Date(Date.parse(now) + linkSeconds * 1_000).toISOString()
  return { ...rest, spent: spent.slice(0, maxSpent), link: { hash, until } }
}

export type ClaimRefusal = { refused: 'used' | 'replaced' | 'expired' | 'unknown'; message: string }

const claimMessages = {
  used: 'This link was used already, and works once. Press “Open” under the session in the chat for another one.',
  replaced: 'A newer link was made for this session. Use that one, or press “Open” in the chat for another one.',
  expired: 'This link has expired: it works for five minutes. Press “Open” under the session in the chat for another.',
  unknown: 'This link is incomplete or was never issued. Press “Open” under the session in the chat for another one.',
} satisfies Record<ClaimRefusal['refused'], string>

/** Binds the session to the browser that used its link, and shuts the browser before out. Pure. */
export function claimLink(
  session: TerminalSession,
  hash: string,
  key: BrowserKey,
  now: Instant,
): TerminalSession | ClaimRefusal {
  const { link, ...rest } = session
  if (link?.hash !== hash) {
    const why = session.spent.find((each) => each.hash === hash)?.why ?? 'unknown'
    return { refused: why, message: claimMessages[why] }
  }
  if (Date.parse(link.until) <= Date.parse(now)) return { refused: 'expired', message: claimMessages.expired }
  const spent = [{ hash, why: 'used' as const }, ...session.spent].slice(0, maxSpent)
  return { ...rest, spent, browser: { key, at: now }, connection: session.connection + 1 }
}

/** Why an open session has to end now; undefined while it may go on. Pure. */
export function findTimeUp(
  session: TerminalSession,
  now: Instant,
): { reason: 'deadline' | 'expired'; message: string } | undefined {
  const at = Date.parse(now)
  if (at >= Date.parse(session.until)) return { reason: 'deadline', message: 'its time was up' }
  if (session.browser === undefined && at >= Date.parse(session.activeAt) + session.idle * 1_000)
    return { reason: 'expired', message: 'nobody opened it' }
  if (session.attachedUntil !== undefined && at >= Date.parse(session.attachedUntil) + detachedSeconds * 1_000)
    return { reason: 'expired', message: 'no browser was connected for two minutes' }
  if (at >= Date.parse(session.activeAt) + session.idle * 1_000)
    return { reason: 'expired', message: `nothing was typed or printed for ${Math.round(session.idle / 60)} minutes` }
  return undefined
}

/** Returns the minutes that a session has left, coarser while there are many: its message changes only then. */
export function minutesLeft(session: Pick<TerminalSession, 'until'>, now: Instant): number {
  const minutes = Math.max(0, Math.ceil((Date.parse(session.until) - Date.parse(now)) / 60_000))
  return minutes > 10 ? Math.ceil(minutes / 5) * 5 : minutes
}
