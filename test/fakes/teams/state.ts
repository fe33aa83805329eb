/** A message of the bot. */
export type TeamsMessage = {
  id: string
  conversation: string
  /** In a channel: the first message of its thread. */
  thread?: string
  summary: string
  card: Record<string, unknown>
  /** User who alone sees the message; undefined: everybody. */
  only?: string
  /** Messages in the thread that it began, oldest first. */
  replies: TeamsMessage[]
  edits: number
}

/** State of the stand-in for Teams: conversations with their messages. */
export type TeamsState = {
  appId: string
  secret: string
  tenant: string
  /** True turns rate limits off. */
  unhurried: boolean
  messages: TeamsMessage[]
  /** Conversations of which the bot is a member, with their kinds. */
  conversations: Map<string, 'channel' | 'groupChat' | 'personal'>
  calls: { what: string; status: number }[]
}

export const teamsSecret = 'teams-test-secret-9a1~Q'
export const incident = '19:incident@thread.tacv2'

export function newTeams(tenant: string): TeamsState {
  return {
    appId: '00000000-0000-4000-8000-00000000b0b0',
    secret: teamsSecret,
    tenant,
    unhurried: false,
    messages: [],
    conversations: new Map([
      [incident, 'channel'],
      ['19:group@thread.v2', 'groupChat'],
      ['a:alice', 'personal'],
    ]),
    calls: [],
  }
}
