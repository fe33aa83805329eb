/** A user as Slack's `users.info` returns it. */
export type SlackUser = {
  id: string
  team_id: string
  name: string
  real_name: string
  deleted: boolean
  is_bot: boolean
  is_restricted: boolean
  is_ultra_restricted: boolean
  is_stranger: boolean
  is_email_confirmed: boolean
  is_workflow_bot?: boolean
  enterprise_user?: { enterprise_id: string }
  profile: { display_name: string; email?: string }
}

export type SlackMessage = {
  ts: string
  channel: string
  thread_ts?: string
  text: string
  blocks: readonly Record<string, unknown>[]
  /** User who alone sees the message; undefined: everybody. */
  only?: string
  /** Messages in its thread, oldest first. */
  replies: SlackMessage[]
  /** Number of edits. */
  edits: number
  at: number
}

/** An open form. */
export type SlackView = { id: string; user: string; view: Record<string, unknown> }

export type SlackFile = {
  id: string
  name: string
  title: string
  channel: string
  thread_ts: string
  content: string
  alt: string
}

/** State of the stand-in for Slack: a workspace with users, channels, messages and files. */
export type SlackState = {
  team: string
  /** The organisation that the workspace is part of. */
  enterprise?: string
  botToken: string
  appToken: string
  signingSecret: string
  /** Scopes that the workspace has granted to the bot. */
  scopes: string[]
  users: Map<string, SlackUser>
  /** Channel id → is the bot a member, and is the channel archived. */
  channels: Map<string, { member: boolean; archived: boolean }>
  usergroups: Map<string, string[]>
  /** True turns rate limits off. */
  unhurried: boolean
  messages: SlackMessage[]
  files: SlackFile[]
  /** Triggers that may open a form, with their users and the time of `processorClock` at which they were made. */
  triggers: Map<string, { user: string; at: number }>
  /** Open forms, and home pages by user. */
  views: SlackView[]
  homes: Map<string, Record<string, unknown>>
  /** Texts that were sent to response URLs, which only the sender of the command sees. */
  ephemeral: string[]
  /** All calls of the Web API; `taken`: whether the call was successful. */
  calls: { method: string; taken: boolean; at: number }[]
}

export const botToken = 'xoxb-test-bot-token'
export const appToken = 'xapp-test-app-token'
export const signingSecret = 'test-signing-secret-8f742231b10e'
export const team = 'T0HOME'

/** Scopes of deploy/slack/manifest.yaml. */
const allScopes = [
  ...['app_mentions:read', 'chat:write', 'commands', 'files:write', 'im:history'],
  ...['usergroups:read', 'users:read', 'users:read.email'],
]

export function slackUser(id: string, change: Partial<SlackUser> & { email?: string } = {}): SlackUser {
  const { email, ...rest } = change
  return {
    id,
    team_id: team,
    name: id.toLowerCase(),
    real_name: id,
    deleted: false,
    is_bot: false,
    is_restricted: false,
    is_ultra_restricted: false,
    is_stranger: false,
    is_email_confirmed: true,
    profile: { display_name: id, ...(email === undefined ? {} : { email }) },
    ...rest,
  }
}

/**
 * Returns a workspace with Alice (netops), Bob (lead), Carol (no rights), two guests, a user of another workspace, a bot and a deleted
 * user.
 */
export function newWorkspace(): SlackState {
  const users = [
    slackUser('U0ALICE', { email: 'alice@example.com', real_name: 'Alice' }),
    slackUser('U0BOB', { email: 'bob@example.com', real_name: 'Bob' }),
    slackUser('U0CAROL', { email: 'carol@example.com', real_name: 'Carol' }),
    slackUser('U0GUEST', { email: 'guest@example.com', is_restricted: true }),
    slackUser('U0LONE', { email: 'lone@example.com', is_ultra_restricted: true }),
    slackUser('U0ALIEN', { email: 'alice@example.com', team_id: 'T0OTHER', is_stranger: true }),
    slackUser('U0ROBOT', { is_bot: true }),
    slackUser('U0GONE', { email: 'bob@example.com', deleted: true }),
  ]
  return {
    team,
    botToken,
    appToken,
    signingSecret,
    scopes: [...allScopes],
    users: new Map(users.map((user) => [user.id, user])),
    channels: new Map([
      ['C0INCIDENT', { member: true, archived: false }],
      ['C0OTHER', { member: true, archived: false }],
      ['C0CLOSED', { member: false, archived: false }],
      ['C0OLD', { member: true, archived: true }],
    ]),
    usergroups: new Map([['S0LEADS', ['U0BOB']]]),
    unhurried: false,
    messages: [],
    files: [],
    triggers: new Map(),
    views: [],
    homes: new Map(),
    ephemeral: [],
    calls: [],
  }
}
