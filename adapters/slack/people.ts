import type { WebClient } from '@slack/web-api'
import { type Account, ChatError } from '#core/ports/chat'
import type { Log } from '#core/ports/log'
import { defaultTiming } from '#core/util/default-timings'
import { memoize } from '#core/util/memoize'
import { retryCall, type SlackTiming } from './call.ts'

type SlackUser = NonNullable<Awaited<ReturnType<WebClient['users']['info']>>['user']>
type Own = Awaited<ReturnType<WebClient['auth']['test']>>

/** Who somebody is to Slack now. Rejects with `ChatError` when Slack can't be asked. */
export type People = { account: (team: string, user: string) => Promise<Account> }

/** What Slack answers about a user that it doesn't know, or doesn't show to us. */
const unknownUser = /: user_not_(found|visible)$/

/** `teams`: ids of the workspaces whose people are served; left out, the app's own. `now` in milliseconds. */
export function slackPeople(
  client: WebClient,
  teams: readonly string[] | undefined,
  log: Log,
  now: () => number = () => performance.now(),
  timing: SlackTiming = defaultTiming,
): People {
  const users = memoize((user) => userInfo(client, user, timing), now, timing.personCacheMs)
  const groups = memoize(() => membersByGroup(client, log, timing), now, timing.personCacheMs)
  const home = memoize(() => retryCall('auth.test', () => client.auth.test(), timing), now, timing.personCacheMs)
  return {
    async account(team, user) {
      const [info, usergroups, own] = await Promise.all([users(user), groups('all'), home('own')])
      const served = teams ?? (own.team_id === undefined ? [] : [own.team_id])
      const kind = kindOf(info, team, served)
      const email = info?.profile?.email
      return {
        platform: 'slack',
        // Their own workspace, whichever one they were heard in: one account has one name.
        team: info?.team_id ?? team,
        user,
        name: info?.profile?.display_name || info?.real_name || info?.name || user,
        ...(info !== undefined && kind === 'member' && email !== undefined && isVerified(info, own)
          ? { email: email.toLowerCase() }
          : {}),
        kind,
        groups: [...usergroups].filter(([, members]) => members.includes(user)).map(([id]) => `slack:usergroup/${id}`),
      }
    },
  }
}

/**
 * Slack has confirmed the addresses of our own workspace's and organisation's members. Of others it only repeats what the
 * admins of their workspace say, who could name any address.
 */
function isVerified(user: SlackUser, own: Own): boolean {
  const ours =
    user.team_id === own.team_id ||
    (own.enterprise_id !== undefined && user.enterprise_user?.enterprise_id === own.enterprise_id)
  return ours && user.is_email_confirmed !== false
}

function kindOf(user: SlackUser | undefined, team: string, served: readonly string[]): Account['kind'] {
  if (user === undefined) return 'unknown'
  if (user.deleted) return 'deactivated'
  if (user.is_bot || user.is_workflow_bot || user.is_connector_bot || user.id === 'USLACKBOT') return 'bot'
  if (user.is_stranger || !served.includes(team) || !served.includes(user.team_id ?? '')) return 'stranger'
  return user.is_restricted || user.is_ultra_restricted ? 'guest' : 'member'
}

async function userInfo(client: WebClient, user: string, timing: SlackTiming): Promise<SlackUser | undefined> {
  try {
    return (await retryCall('users.info', () => client.users.info({ user }), timing)).user
  } catch (error) {
    if (error instanceof ChatError && unknownUser.test(error.message)) return undefined
    throw error
  }
}

/** User groups with their members. Without the scope for it nobody has rights by a user group; everything else works. */
async function membersByGroup(
  client: WebClient,
  log: Log,
  timing: SlackTiming,
): Promise<ReadonlyMap<string, readonly string[]>> {
  try {
    const { usergroups = [] } = await retryCall(
      'usergroups.list',
      () => client.usergroups.list({ include_users: true }),
      timing,
    )
    return new Map(usergroups.map(({ id = '', users = [] }) => [id, users]))
  } catch (error) {
    // Not knowing for a moment is another thing than not being let: then Slack can't be asked who somebody is.
    if (!(error instanceof ChatError) || !error.permanent) throw error
    log.warn({ error: error.message }, 'user groups could not be read: grants to them give nothing for now')
    return new Map()
  }
}
