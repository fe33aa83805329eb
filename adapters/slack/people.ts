import type { WebClient } from '@slack/web-api'
import type { Account, Log } from '#core/ports'
import { insist } from './call.ts'

/** Milliseconds that what Slack said of a person stays true for us. */
const fresh = 60_000

type SlackUser = NonNullable<Awaited<ReturnType<WebClient['users']['info']>>['user']>

/** Who somebody is to Slack, at most a minute old. Rejects with `ChatError`. */
export type People = { account: (team: string, user: string) => Promise<Account> }

/** `teams`: ids of the workspaces whose people are served; left out, the app's own. */
export function slackPeople(client: WebClient, teams: readonly string[] | undefined, log: Log): People {
  const users = cache((user) => insist('users.info', () => client.users.info({ user })))
  const groups = cache(async () => membersByGroup(client, log))
  const home = cache(() => insist('auth.test', () => client.auth.test()))
  return {
    async account(team, user) {
      const [{ user: info }, usergroups, own] = await Promise.all([users(user), groups('all'), home('own')])
      const served = teams ?? (own.team_id === undefined ? [] : [own.team_id])
      const kind = kindOf(info, team, served)
      const email = info?.profile?.email
      // Slack has confirmed the address of a full member; of others it only repeats what their workspace says.
      const verified = email !== undefined && kind === 'member' && info?.is_email_confirmed !== false
      return {
        platform: 'slack',
        team,
        user,
        name: info?.profile?.display_name || info?.real_name || info?.name || user,
        ...(verified ? { email: email.toLowerCase() } : {}),
        kind,
        groups: [...usergroups].filter(([, members]) => members.includes(user)).map(([id]) => `slack:usergroup/${id}`),
      }
    },
  }
}

function kindOf(user: SlackUser | undefined, team: string, served: readonly string[]): Account['kind'] {
  if (user === undefined) return 'stranger'
  if (user.deleted) return 'deactivated'
  if (user.is_bot || user.id === 'USLACKBOT') return 'bot'
  if (user.is_stranger || !served.includes(team) || !served.includes(user.team_id ?? '')) return 'stranger'
  return user.is_restricted || user.is_ultra_restricted ? 'guest' : 'member'
}

/** User groups with their members. Without the scope for it nobody has rights by a user group; everything else works. */
async function membersByGroup(client: WebClient, log: Log): Promise<ReadonlyMap<string, readonly string[]>> {
  try {
    const { usergroups = [] } = await insist('usergroups.list', () => client.usergroups.list({ include_users: true }))
    return new Map(usergroups.map(({ id = '', users = [] }) => [id, users]))
  } catch (error) {
    log.warn({ error: String(error) }, 'user groups could not be read: grants to them give nothing for now')
    return new Map()
  }
}

/** Answers remembered for a minute; a failure is not remembered. */
function cache<T>(load: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const known = new Map<string, { at: number; value: Promise<T> }>()
  return (key) => {
    const found = known.get(key)
    if (found !== undefined && Date.now() - found.at < fresh) return found.value
    const value = load(key)
    known.set(key, { at: Date.now(), value })
    value.catch(() => known.delete(key))
    return value
  }
}
