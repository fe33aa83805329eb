import { type FakeEntra, startFakeEntra } from '#test/fakes/entra/server'
import { clientSecret, type EntraUser, entraUser, guidOf, home } from '#test/fakes/entra/state'
import { inChannels, read, readThread } from '#test/fakes/teams/card'
import { teamsPeople } from '#test/fakes/teams/send'
import { type FakeTeams, startFakeTeams } from '#test/fakes/teams/server'
import { type TeamsMessage, teamsSecret } from '#test/fakes/teams/state'
import { type App, type AppOptions, openApp } from './app.ts'
import { waitFor } from './wait-for.ts'

export const ids = { alice: guidOf(101), bob: guidOf(102), carol: guidOf(103), guest: guidOf(104) }

export type TeamsFlow = App & {
  teams: FakeTeams
  entra: FakeEntra
  inTeams: ReturnType<typeof teamsPeople>
  /** Returns the newest message in Teams whose text matches. */
  showsInTeams: (pattern: RegExp) => Promise<TeamsMessage>
}

/** Opens the whole program with a fake Teams and a fake Entra as well; its people are the same ones as in Slack. */
export async function openTeamsFlow(
  options: AppOptions & { serviceHosts?: readonly string[]; teams?: FakeTeams; entra?: FakeEntra },
  atEnd: (stop: () => Promise<void>) => void,
): Promise<TeamsFlow> {
  const [teams, entra] = await Promise.all([options.teams ?? startFakeTeams(home), options.entra ?? startFakeEntra()])
  atEnd(() => teams.close())
  atEnd(() => entra.close())
  const { users } = entra.state.tenants.get(home) ?? { users: new Map<string, EntraUser>() }
  for (const [name, id] of Object.entries(ids))
    users.set(id, entraUser(name, { id, ...(name === 'guest' ? { userType: 'Guest' } : {}) }))
  const more = `${options.more ?? ''}
directory: { entra: { tenant: ${home}, clientId: ${entra.state.clientId}, loginUrl: '${entra.url}', graphUrl: '${entra.url}' } }
teams: { appId: ${teams.state.appId}, tenant: ${home}, loginUrl: '${teams.url}', openIdUrl: '${teams.url}/openid', serviceHosts: ['${[new URL(teams.url).host, ...(options.serviceHosts ?? [])].join("', '")}'] }`
  const env = { TEAMS_APP_SECRET: teamsSecret, ENTRA_CLIENT_SECRET: clientSecret, ...options.env }
  const flow = await openApp({ ...options, more, env })
  atEnd(async () => teams.misbehave(() => ({ status: 404 })))
  const inTeams = teamsPeople(teams, () => `${flow.base}/teams/messages`)
  return { ...flow, teams, entra, inTeams, showsInTeams: (pattern) => shows(teams, pattern) }
}

function shows({ state }: FakeTeams, pattern: RegExp): Promise<TeamsMessage> {
  return waitFor(
    `a message in Teams reads like ${pattern}`,
    () => inChannels(state.messages).findLast((message) => pattern.test(readThread(message))),
    { instead: () => state.messages.map(({ card }) => read(card)).join('\n---\n') },
  )
}
