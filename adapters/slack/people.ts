import type { WebClient } from '@slack/web-api'
import type { Account } from '#core/people/account'
import { groupSubject } from '#core/people/platforms'
import { ChatError, isPermanentRefusal } from '#core/ports/chat'
import type { Log } from '#core/ports/log'
import { defaultTiming } from '#core/util/default-timings'
import { memoize } from '#core/util/memoize'
import { retryCall, type SlackTiming } from './call.ts'

type SlackUser = NonNullable<Awaited<ReturnType<WebClient['users']['info']>>['user']>
type OwnIdentity = Awaited<ReturnType<WebClient['auth']['test']>>

/** Lookup of accounts in Slack. Rejects with `ChatError` if Slack is unreachable. */
export type People = { account: (team: string, user: string) => Promise<Account> }

/** Matches the error for a user that Slack doesn't know, or doesn't show to the app. */
const unknownUserError = /: user_not_(found|visible)$/

/**
 * Creates the lookup. `teams`: ids of the workspaces whose members are served; default: the app's own workspace.
 * `now`: clock in ms.
 */
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
        // The user's own workspace, whatever workspace the request came from: an account has only one name.
        team: info?.team_id ?? team,
        user,
        name: info?.profile?.display_name || info?.real_name || info?.name || user,
        ...(info !== undefined && kind === 'member' && email !== undefined && isVerified(info, own)
          ? { email: email.toLowerCase() }
          : {}),
        kind,
        groups: [...usergroups]
          .filter(([, members]) => members.includes(user))
          .map(([id]) => groupSubject('slack', id)),
      }
    },
  }
}

/**
 * Returns whether Slack itself has verified the e-mail address. That holds for members of the app's workspace and
 * organisation; of other workspaces Slack only repeats what their admins entered, which can be any address (T05).
 */
function isVerified(user: SlackUser, own: OwnIdentity): boolean {
  const isOwnMember =
    user.team_id === own.team_id ||
    (own.enterprise_id !== undefined && user.enterprise_user?.enterprise_id === own.enterprise_id)
  return isOwnMember && user.is_email_confirmed !== false
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
    if (error instanceof ChatError && unknownUserError.test(error.message)) return undefined
    throw error
  }
}

/**
 * Returns the members of each user group by its id. If the app lacks the scope for it, returns none: grants to user
 * groups then have no effect, and everything else works.
 */
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
    // A transient failure must not look like fewer groups: the lookup then fails as a whole.
    if (!isPermanentRefusal(error)) throw error
    log.warn({ error: error.message }, 'user groups could not be read: grants to them have no effect for now')
    return new Map()
  }
}
