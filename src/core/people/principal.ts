import type { Platform } from './platforms.ts'

/**
 * One person across all platforms: a requester in Slack and an approver in Teams may be the same principal.
 * `id` is stable (a verified e-mail, else `slack:user/TEAM/USER`), never a display name.
 * `groups` holds everything a grant's `to` may name besides the id: `group:NAME`, `slack:usergroup/S…`, `slack:user/TEAM/USER`.
 */
export type Principal = { id: string; name: string; groups: readonly string[] }

/**
 * Account on one platform, by stable ids only: enough to look the account up again. `team` is the workspace or tenant.
 */
export type AccountRef = {
  platform: Platform
  team: string
  user: string
  /** Present for a service principal: the name of its sender of alerts. No chat sets it. */
  service?: string
}

/** Returns the name of an account in grants and groups: `slack:user/TEAM/USER`. */
export function accountText({ platform, team, user }: AccountRef): string {
  return `${platform}:user/${team}/${user}`
}
