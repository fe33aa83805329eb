import { dig, type InboundRow } from './row.ts'
import { direct, mention, other, richText } from './slack-payloads.ts'

const mentions = 'docs.slack.dev/reference/events/app_mention'
const messages = 'docs.slack.dev/reference/events/message.im'
const subtypes = 'docs.slack.dev/reference/events/message'
const text = 'docs.slack.dev/messaging/formatting-message-text'
const bold = 'docs.slack.dev/messaging/formatting-message-text (basic formatting)'
const edited = { user: 'U0ALICE', ts: '1706785427.000000' }

/** Mentions of the bot, wherever they stand, and messages that are none. */
export const slackMentionRows: readonly InboundRow[] = [
  mention('a mention', mentions, `<@U0RETINA> ${dig}`, dig),
  mention(
    'a mention with its rich text',
    'docs.slack.dev/reference/block-kit/blocks/rich-text-block',
    `<@U0RETINA> ${dig}`,
    dig,
    {
      client_msg_id: '3ed1b6a1-0001',
      blocks: richText({ type: 'user', user_id: 'U0RETINA' }, { type: 'text', text: ` ${dig}` }),
    },
  ),
  mention('a mention alone', mentions, '<@U0RETINA>', ''),
  mention('a mention alone, with spaces', mentions, ' <@U0RETINA>  ', ''),
  mention('a mention without a space behind it', 'howdyai/botkit#811', `<@U0RETINA>${dig}`, dig),
  mention('a mention with a label', 'howdyai/botkit#189', `<@U0RETINA|retina> ${dig}`, dig),
  mention('a mention and a colon', 'ekonda/kutana#59', `<@U0RETINA>: ${dig}`, dig),
  mention('a mention and a colon without a space', 'textbook/aslack#2', `<@U0RETINA>:${dig}`, dig),
  mention('a mention and a comma', 'matrix-org/matrix-appservice-slack#320', `<@U0RETINA>, ${dig}`, dig),
  mention('a mention and a dash', 'ekonda/kutana#59', `<@U0RETINA> – ${dig}`, dig),
  mention('a mention on a line of its own', mentions, `<@U0RETINA>\n${dig}`, dig),
  mention('a mention twice', 'microsoft/teams.ts#833', `<@U0RETINA> <@U0RETINA> ${dig}`, dig),
  mention('a colleague’s mention first', 'amplifthq/opentag#43', `<@U0BOB> <@U0RETINA> ${dig}`, dig),
  mention('a colleague’s mention behind the bot’s', 'amplifthq/opentag#43', `<@U0RETINA> <@U0BOB> ${dig}`, dig),
  mention('mentions with a comma between them', 'amplifthq/opentag#43', `<@U0BOB>, <@U0RETINA>: ${dig}`, dig),
  mention('a user group first', text, `<!subteam^S0LEADS|@leads> <@U0RETINA> ${dig}`, dig),
  mention('everybody first', text, `<!here> <@U0RETINA> ${dig}`, dig),
  mention('a greeting first', 'howdyai/botkit#811', `hey <@U0RETINA> ${dig}`, dig),
  mention('a sentence first', 'slackapi/bolt-js#34', `We see timeouts again. <@U0RETINA> ${dig}`, dig),
  mention('a paragraph first', 'slackapi/bolt-js#34', `We see timeouts again:\n<@U0RETINA> ${dig}`, dig),
  mention('an emoji first', mentions, `:wave: <@U0RETINA> ${dig}`, dig),
  mention('a mention at the end', 'howdyai/botkit#811', `${dig} <@U0RETINA>`, dig),
  mention('a mention at the end, with an exclamation mark', 'howdyai/botkit#811', `${dig} <@U0RETINA>!`, dig),
  mention('a mention at the end, after a comma', 'howdyai/botkit#811', `${dig}, <@U0RETINA>`, dig),
  mention('a mention at both ends', 'howdyai/botkit#811', `<@U0RETINA> ${dig} <@U0RETINA>`, dig),
  mention('two mentions at the end', 'amplifthq/opentag#43', `${dig} <@U0BOB> <@U0RETINA>`, dig),
  mention(
    'a mention inside a reason',
    mentions,
    '<@U0RETINA> deny abcd2345 <@U0RETINA> is wrong here',
    'deny abcd2345 @U0RETINA is wrong here',
  ),
  mention(
    'a colleague’s mention inside a reason',
    mentions,
    '<@U0RETINA> deny abcd2345 <@U0BOB> says no',
    'deny abcd2345 @U0BOB says no',
  ),
  mention(
    'a colleague’s mention at the end',
    mentions,
    '<@U0RETINA> deny abcd2345 ask <@U0BOB>',
    'deny abcd2345 ask @U0BOB',
  ),
  mention(
    'a mention in quotes',
    mentions,
    '<@U0RETINA> shell --reason "ask <@U0RETINA> again" node001 dig x.example',
    "shell --reason 'ask @U0RETINA again' node001 dig x.example",
  ),
  mention('a mention in code only', 'vercel/chat#947', 'Write `<@U0RETINA> nodes` to see them', undefined),
  mention('a mention in a code block only', 'vercel/chat#947', '```<@U0RETINA> nodes```', undefined),
  mention(
    'a mention, and one in code',
    'vercel/chat#947',
    '<@U0RETINA> deny abcd2345 `<@U0RETINA> nodes` does that',
    'deny abcd2345 @U0RETINA nodes does that',
  ),
  mention('a mention in a thread', mentions, `<@U0RETINA> ${dig}`, dig, { thread_ts: '1515449522.000001' }),
  mention('a mention with a file', 'docs.slack.dev/reference/events/message/file_share', `<@U0RETINA> ${dig}`, dig, {
    files: [{ id: 'F1', name: 'x.png' }],
    upload: false,
  }),
  mention('an edited mention', 'inkeep/agents#2284', `<@U0RETINA> ${dig}`, undefined, { edited }),
  mention('an edited mention in a thread', 'slack-go/slack#1256', `<@U0RETINA> ${dig}`, undefined, {
    edited,
    thread_ts: '1706785424.099119',
  }),
  mention('a mention that an edit has added', 'chenhg5/cc-connect#1579', `${dig} <@U0RETINA>`, undefined, { edited }),
  mention('a mention by a bot', mentions, `<@U0RETINA> ${dig}`, undefined, { bot_id: 'B1' }),
  mention('a mention without a sender', mentions, `<@U0RETINA> ${dig}`, undefined, { user: undefined }),
  direct('a direct message', messages, dig, dig),
  direct('a direct message with a mention', messages, `<@U0RETINA> ${dig}`, dig),
  direct('a direct message with a mention and a colon', 'ekonda/kutana#59', `<@U0RETINA>: ${dig}`, dig),
  direct('a direct message with a mention at the end', messages, `${dig} <@U0RETINA>`, dig),
  direct('a direct message with a greeting and a mention', messages, `hi <@U0RETINA> ${dig}`, dig),
  direct('a direct message in a thread', messages, dig, dig, { thread_ts: '1515449522.000001' }),
  direct('a direct message with a file', 'docs.slack.dev/reference/events/message/file_share', dig, dig, {
    subtype: 'file_share',
    files: [{ id: 'F1' }],
  }),
  direct('a file without a text', 'docs.slack.dev/reference/events/message/file_share', '', undefined, {
    subtype: 'file_share',
    files: [{ id: 'F1' }],
  }),
  direct(
    'a reply that is also sent to the conversation',
    'docs.slack.dev/reference/events/message/thread_broadcast',
    dig,
    dig,
    { subtype: 'thread_broadcast', thread_ts: '1515449522.000001' },
  ),
  direct('an edited direct message', subtypes, dig, undefined, { edited }),
  other('the change of a direct message', 'docs.slack.dev/reference/events/message/message_changed', {
    type: 'message',
    subtype: 'message_changed',
    hidden: true,
    channel: 'D0ALICE',
    channel_type: 'im',
    message: { type: 'message', user: 'U0ALICE', text: dig, edited },
    previous_message: { type: 'message', user: 'U0ALICE', text: 'shell node001 dig y.example' },
  }),
  other('the deletion of a direct message', 'docs.slack.dev/reference/events/message/message_deleted', {
    type: 'message',
    subtype: 'message_deleted',
    hidden: true,
    channel: 'D0ALICE',
    channel_type: 'im',
    deleted_ts: '1515449522.000001',
    previous_message: { type: 'message', user: 'U0ALICE', text: dig },
  }),
  direct('a message of a bot', 'docs.slack.dev/reference/events/message/bot_message', dig, undefined, {
    subtype: 'bot_message',
    bot_id: 'B1',
  }),
  direct('a /me message', 'docs.slack.dev/reference/events/message/me_message', 'nodes', undefined, {
    subtype: 'me_message',
  }),
  direct('a message of the bot itself', messages, dig, undefined, { user: 'U0RETINA', bot_id: 'B0RETINA' }),
  direct('a message of a channel', subtypes, dig, undefined, { channel: 'C0INCIDENT', channel_type: 'channel' }),
  direct('a message of a group conversation', 'docs.slack.dev/reference/events/message.mpim', dig, undefined, {
    channel: 'G0GROUP',
    channel_type: 'mpim',
  }),
  other('a reaction', 'docs.slack.dev/reference/events/reaction_added', {
    type: 'reaction_added',
    reaction: 'thumbsup',
    item: { type: 'message', channel: 'C0INCIDENT', ts: '1515449522.000001' },
  }),
  other('a person who joins', 'docs.slack.dev/reference/events/member_joined_channel', {
    type: 'member_joined_channel',
    channel: 'C0INCIDENT',
    channel_type: 'C',
  }),
  // Added after the first 236 payloads.
  mention(
    'a mention of the bot user of another installation',
    'docs.slack.dev/apis/events-api (authorizations)',
    `<@U0RETINA2> ${dig}`,
    dig,
  ),
  mention('a bold message with its mention', bold, `*<@U0RETINA> ${dig}*`, dig),
  mention('a bold mention', bold, `*<@U0RETINA>* ${dig}`, dig),
  mention('a quoted message with its mention', bold, `&gt; <@U0RETINA> ${dig}`, dig),
  mention(
    'a mention in an item of a list',
    'docs.slack.dev/reference/block-kit/blocks/rich-text-block (lists)',
    `• <@U0RETINA> ${dig}`,
    dig,
  ),
  mention('a mention and a command in code', text, `<@U0RETINA> please run \`${dig}\``, '(unknown-verb)'),
  mention('an apostrophe in front of the mention', text, `It's slow and can't wait <@U0RETINA> ${dig}`, dig),
]
