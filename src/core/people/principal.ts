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
