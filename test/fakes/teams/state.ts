/** What the stand-in for Teams knows: conversations with their messages. */
export type TeamsMessage = {
  id: string
  conversation: string
  /** The message that its thread hangs under, in a channel. */
  thread?: string
  summary: string
  card: Record<string, unknown>
  /** Only this person sees it. */
  only?: string
  edits: number
}

export type TeamsState = {
  appId: string
  secret: string
  tenant: string
  /** True where nothing has to wait: how fast is asked elsewhere. */
  unhurried: boolean
  messages: TeamsMessage[]
  /** Conversations that the bot is a member of, with their kind. */
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
