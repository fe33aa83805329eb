import { defined } from '#core/util/defined'

/**
 * Errors after which a retry may succeed. Every other error of a request that writes is final: what isn't shown now must
 * not be shown, or begun, minutes later. Source: docs.slack.dev, "chat.postMessage method", "chat.update method",
 * "files.completeUploadExternal method".
 */
const transientErrors: ReadonlySet<string> = new Set([
  'fatal_error',
  'internal_error',
  'org_login_required',
  'rate_limited',
  'ratelimited',
  'request_timeout',
  'service_unavailable',
  'team_added_to_org',
])

/** Errors of the bot's own token, which the owner can replace. */
const credentialErrors = ['account_inactive', 'invalid_auth', 'not_authed', 'token_expired', 'token_revoked']

/** Errors of requests that only read, after which a retry can't succeed; others may be a passing trouble of Slack. */
const finalReadErrors: ReadonlySet<string> = new Set([
  ...credentialErrors,
  ...['missing_scope', 'user_not_found', 'user_not_visible'],
])

const invite =
  'In a channel, invite me with `/invite @retina`, then try again; in a direct message of several people, send the command to me in a direct message instead.'
// An app can't be invited to a direct message between people. Source: slack-ruby/slack-ruby-client#227.
const betweenPeople =
  "I can't be invited to a direct message between other people. Send the command to me in a direct message, or in a channel that I'm in."
const elsewhere = 'Use another channel, or send me a direct message.'
const posting = `The settings of this channel don't let me post here. ${elsewhere} Its managers can allow me to post.`
const access = 'Tell the owner of this bot that Slack no longer accepts its token or its rights.'
const tooLong = 'Slack does not take a message of that length. Send a shorter command.'

/** What a person can do about a final error, in sentences. */
const advices: Readonly<Record<string, string>> = {
  access_denied: access,
  accesslimited: access,
  account_inactive: access,
  channel_not_found: invite,
  ekm_access_denied: 'The administrators of this workspace have suspended posting. Try again later.',
  enterprise_is_restricted: access,
  invalid_auth: access,
  is_archived: `This channel is archived. ${elsewhere}`,
  message_limit_exceeded: 'This workspace has reached its limit of messages. Try again later.',
  messages_tab_disabled: `Direct messages with me are turned off. Use a channel.`,
  missing_scope: access,
  msg_blocks_too_long: tooLong,
  msg_too_long: tooLong,
  no_permission: access,
  not_allowed_token_type: access,
  not_authed: access,
  not_in_channel: invite,
  restricted_action: posting,
  restricted_action_non_threadable_channel: posting,
  restricted_action_read_only_channel: posting,
  restricted_action_thread_locked: 'This thread is locked. Use the channel, or send me a direct message.',
  restricted_action_thread_only_channel: `Only replies are allowed in this channel. Mention me in a thread, or send me a direct message.`,
  team_access_not_granted: access,
  token_expired: access,
  token_revoked: access,
  two_factor_setup_required: access,
}

/** Form of Slack's codes. Its package takes the page of a proxy for a code too. */
const codeForm = /^[a-z][a-z0-9_]{1,80}$/

/** What a failed request means; fields as in `ChatError`. */
type Judgement = { permanent: boolean; credentials?: true; advice?: string }

/** Returns whether a retry after Slack's error can't succeed, and what a person can do about it in that channel. */
export function judgeError(method: string, code: string, channel?: string): Judgement {
  if (!codeForm.test(code)) return { permanent: false }
  const isWrite = /^(chat|files)\./.test(method)
  const permanent = isWrite ? !transientErrors.has(code) : finalReadErrors.has(code)
  const advice = permanent && isWrite ? adviceFor(code, channel) : undefined
  return {
    permanent,
    ...(credentialErrors.includes(code) ? { credentials: true } : {}),
    ...defined({ advice }),
  }
}

/** Returns what a person can do about a final error. Ids of direct messages begin with D. */
function adviceFor(code: string, channel = ''): string | undefined {
  const advice = advices[code]
  return advice === invite && channel.startsWith('D') ? betweenPeople : advice
}
