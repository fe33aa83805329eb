import { expect, test } from '@jest/globals'
import { judgeError } from '#adapters/slack/errors'
import { ChatError, isFinalForResults } from '#core/ports/chat'

/** Errors that Slack documents for chat.postMessage. Source: docs.slack.dev, "chat.postMessage method", 2026. */
const postErrors = `access_denied accesslimited account_inactive as_user_not_supported attachment_payload_limit_exceeded
cannot_reply_to_message channel_not_found deprecated_endpoint duplicate_channel_not_found duplicate_message_not_found
ekm_access_denied enterprise_is_restricted invalid_arg_name invalid_arguments invalid_array_arg invalid_auth invalid_blocks
invalid_blocks_format invalid_charset invalid_form_data invalid_metadata_format invalid_metadata_schema invalid_post_type
is_archived markdown_text_conflict message_limit_exceeded messages_tab_disabled metadata_must_be_sent_from_app
metadata_too_large method_deprecated missing_file_data missing_post_type missing_scope msg_blocks_too_long msg_too_long
no_permission no_text not_allowed_token_type not_authed not_in_channel restricted_action
restricted_action_non_threadable_channel restricted_action_read_only_channel restricted_action_thread_locked
restricted_action_thread_only_channel send_on_behalf_not_allowed slack_connect_canvas_sharing_blocked
slack_connect_clip_sharing_blocked slack_connect_file_link_sharing_blocked slack_connect_lists_sharing_blocked
team_access_not_granted team_not_found token_expired token_revoked too_many_attachments too_many_contact_cards
two_factor_setup_required user_is_restricted`.split(/\s+/)

/** Errors of edits, of messages for one person and of file uploads, besides those of posts. */
const otherErrors = {
  'chat.update': [
    'block_mismatch',
    'cant_update_message',
    'edit_window_closed',
    'is_inactive',
    'message_not_found',
    'update_failed',
  ],
  'chat.postEphemeral': ['user_not_in_channel'],
  'files.upload': [
    'file_not_found',
    'file_type_not_supported',
    'file_update_failed',
    'file_upload_size_restricted',
    'file_uploads_disabled',
    'file_uploads_except_images_disabled',
    'files_access_disabled',
    'malware_detected',
    'storage_limit_reached',
    'unknown_snippet_type',
  ],
}

const passing =
  `fatal_error internal_error org_login_required rate_limited ratelimited request_timeout service_unavailable
team_added_to_org`.split(/\s+/)

test.each(postErrors)('a post that Slack refuses with %s is not tried again', (code) => {
  expect(judgeError('chat.postMessage', code)).toMatchObject({ permanent: true })
})

test.each(Object.entries(otherErrors).flatMap(([method, codes]) => codes.map((code) => [method, code] as const)))(
  'a request %s that Slack refuses with %s is not tried again',
  (method, code) => {
    expect(judgeError(method, code)).toMatchObject({ permanent: true })
  },
)

test.each(passing)('a post that Slack refuses with %s is tried again', (code) => {
  expect(judgeError('chat.postMessage', code)).toEqual({ permanent: false })
})

test('an error that Slack adds later is final for what writes, and not for what reads', () => {
  expect(judgeError('chat.postMessage', 'brand_new_error')).toEqual({ permanent: true })
  expect(judgeError('usergroups.list', 'brand_new_error')).toEqual({ permanent: false })
})

test('a page of a proxy in place of an answer is no refusal', () => {
  expect(judgeError('chat.postMessage', '<html>maintenance</html>')).toEqual({ permanent: false })
})

test('where a person can do something, the advice says what', () => {
  expect(judgeError('chat.postMessage', 'not_in_channel').advice).toContain('/invite @retina')
  expect(judgeError('chat.postMessage', 'is_archived').advice).toContain('archived')
  expect(judgeError('chat.postMessage', 'restricted_action_read_only_channel').advice).toContain('direct message')
  expect(judgeError('chat.postMessage', 'token_revoked').advice).toContain('owner of this bot')
})

test('a token that Slack refuses is final for a command, and not for a result, which waits for another token', () => {
  for (const code of ['account_inactive', 'invalid_auth', 'not_authed', 'token_expired', 'token_revoked']) {
    const judged = judgeError('chat.postMessage', code)
    expect([code, judged.permanent, isFinalForResults(new ChatError(code, judged))]).toEqual([code, true, false])
  }
  expect(isFinalForResults(new ChatError('x', judgeError('chat.postMessage', 'is_archived')))).toBe(true)
})
