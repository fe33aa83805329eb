import { dig } from './row.ts'
import { bob, inChannel, inChat, inPersonal, mentioned, type TeamsRow, unaddressed } from './teams-payloads.ts'

const messages = 'learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/conversation-messages'
const channels = 'learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/channel-and-group-conversations'
const updates =
  'microsoft/botframework-sdk, botframework-activity.md (message update); @microsoft/teams-ai TeamsMessageEvents'
const actions = 'learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-actions'

/** Messages of Teams without HTML: mentions wherever they stand, entities, and what is no message. */
export const teamsTextRows: readonly TeamsRow[] = [
  inChannel('a mention', channels, dig, { text: `<at>retina</at> ${dig}` }),
  inChannel('a mention with line ends', 'microsoft/botbuilder-dotnet#1934', dig, {
    text: `\r\n<at>retina</at> ${dig}\n`,
  }),
  inChannel('a mention and a space that does not break', channels, dig, { text: `<at>retina</at>\u00a0${dig}` }),
  inChannel('a mention and such a space as an entity', 'openclaw/openclaw#142496', dig, {
    text: `<at>retina</at>&nbsp;${dig}`,
  }),
  inChannel('a mention without its text', 'microsoft/teams.ts#833', dig, {
    text: `<at>retina</at> ${dig}`,
    entities: [mentioned('retina', undefined, null)],
  }),
  inChannel('a mention under another name', channels, dig, {
    text: `<at>Net Bot</at> ${dig}`,
    entities: [mentioned('Net Bot')],
  }),
  inChannel('a mention of a name of several words', 'microsoft/botframework-sdk#6617', dig, {
    text: `<at>Net</at> <at>Bot</at> ${dig}`,
    entities: [mentioned('Net'), mentioned('Bot')],
  }),
  inChannel('a mention of a name with an ampersand', 'openclaw/openclaw#96571', dig, {
    text: `<at>R&amp;D bot</at> ${dig}`,
    entities: [mentioned('R&D bot', undefined, '<at>R&amp;D bot</at>')],
  }),
  inChannel('a mention with an id', channels, dig, { text: `<at id="0">retina</at> ${dig}` }),
  inChannel('a mention and a colon', 'ekonda/kutana#59', dig, { text: `<at>retina</at>: ${dig}` }),
  inChannel('a mention and a comma', 'ekonda/kutana#59', dig, { text: `<at>retina</at>, ${dig}` }),
  inChannel('a mention alone', channels, '', { text: '<at>retina</at>' }),
  inChannel('a mention twice', 'microsoft/teams.ts#833', dig, {
    text: `<at>retina</at> <at>retina</at> ${dig}`,
    entities: [mentioned(), mentioned()],
  }),
  inChannel('a mention at the end', 'microsoft/botbuilder-js#2083', dig, { text: `${dig} <at>retina</at>` }),
  inChannel('a mention at the end, with a full stop', 'microsoft/botbuilder-js#2083', dig, {
    text: `${dig}, <at>retina</at>.`,
  }),
  inChannel('a greeting first', channels, dig, { text: `hi <at>retina</at> ${dig}` }),
  inChannel('a sentence first', channels, dig, { text: `We see timeouts again. <at>retina</at> ${dig}` }),
  inChannel('a colleague’s mention first', 'amplifthq/opentag#43', dig, {
    text: `<at>Bob</at> <at>retina</at> ${dig}`,
    entities: [bob, mentioned()],
  }),
  inChannel('a colleague’s mention behind the bot’s', 'microsoft/teams.ts#833', dig, {
    text: `<at>retina</at> <at>Bob</at> ${dig}`,
    entities: [mentioned(), bob],
  }),
  inChannel('a colleague’s mention inside a reason', 'microsoft/teams.ts#833', 'deny abcd2345 @Bob says no', {
    text: '<at>retina</at> deny abcd2345 <at>Bob</at> says no',
    entities: [mentioned(), bob],
  }),
  inChannel('a message in a thread', channels, dig, { text: `<at>retina</at> ${dig}`, replyToId: '1481567603816' }),
  inChat('a mention in a group chat', channels, dig, { text: `<at>retina</at> ${dig}` }),
  inPersonal('a personal message', messages, dig, { text: dig }),
  inPersonal('a personal message with a mention', 'microsoft/teams.ts#833', dig, {
    text: `<at>retina</at> ${dig}`,
    entities: [mentioned()],
  }),
  inPersonal('a personal message with line ends', messages, dig, { text: `${dig}\r\n` }),
  inPersonal('a personal message of a phone', messages, dig, {
    text: dig,
    entities: [{ type: 'clientInfo', locale: 'en-US', country: 'US', platform: 'iOS' }],
  }),
  inPersonal('an ampersand as an entity', 'openclaw/openclaw#96342', "shell node001 curl 'http://x.example/?a=1&b=2'", {
    text: "shell node001 curl 'http://x.example/?a=1&amp;b=2'",
  }),
  inPersonal('an ampersand as it was typed', messages, "shell node001 curl 'http://x.example/?a=1&b=2'", {
    text: "shell node001 curl 'http://x.example/?a=1&b=2'",
  }),
  inPersonal('an ampersand without quotes', messages, '(shell-syntax)', { text: `${dig} &amp;` }),
  inPersonal('an entity that was typed', 'openclaw/openclaw#96342', "shell node001 echo '&lt;APIKEY&gt;'", {
    text: "shell node001 echo '&amp;lt;APIKEY&amp;gt;'",
  }),
  inPersonal('quotes as entities', 'openclaw/openclaw#142496', "shell --reason 'disk is full' node001 dig x.example", {
    text: 'shell --reason &quot;disk is full&quot; node001 dig x.example',
  }),
  inPersonal(
    'apostrophes as entities',
    'openclaw/openclaw#142496',
    "shell --reason 'disk is full' node001 dig x.example",
    { text: 'shell --reason &#39;disk is full&#x27; node001 dig x.example' },
  ),
  inPersonal('angle brackets that were typed', messages, "shell node001 grep '<none>' /etc/hosts", {
    text: "shell node001 grep '<none>' /etc/hosts",
  }),
  inPersonal('an at sign that was typed', messages, 'shell node001 dig @ns.example x.example', {
    text: 'shell node001 dig @ns.example x.example',
  }),
  inPersonal(
    'curly quotes of a phone',
    'discordjs/Commando#299',
    "shell --reason 'disk is full' node001 dig x.example",
    { text: 'shell --reason “disk is full” node001 dig x.example' },
  ),
  inPersonal('a long dash of a phone', 'NousResearch/hermes-agent#14363', 'shell --timeout 3s node001 dig x.example', {
    text: 'shell —timeout 3s node001 dig x.example',
  }),
  inPersonal('a quote marker', 'openclaw/openclaw#102376', dig, {
    text: `<quoted messageId="1700000000000"/> ${dig}`,
    entities: [{ type: 'quotedReply', quotedReply: { messageId: '1700000000000', preview: 'nodes' } }],
  }),
  inChannel('a text that is HTML', 'openclaw/openclaw#142496', dig, { text: `<div><at>retina</at>&nbsp;${dig}</div>` }),
  unaddressed('an agent’s slash command', 'microsoft/teams.ts#583', dig, {
    text: dig,
    recipient: { id: '28:00000000-0000-4000-8000-00000000b0b0', name: 'retina', isTargeted: true },
  }),
  unaddressed('a slash command with the bot’s name', 'microsoft/teams-sdk#2843', dig, {
    text: `/retina ${dig}`,
    recipient: { id: '28:00000000-0000-4000-8000-00000000b0b0', name: 'retina', isTargeted: true },
  }),
  unaddressed('a message of a channel that all messages come from', 'NousResearch/hermes-agent#113577', undefined, {
    text: dig,
  }),
  unaddressed('a message to a colleague', 'NousResearch/hermes-agent#79466', undefined, {
    text: `<at>Bob</at> ${dig}`,
    entities: [bob],
  }),
  inPersonal('an edited message', updates, undefined, {
    type: 'messageUpdate',
    text: dig,
    channelData: { eventType: 'editMessage', tenant: { id: '00000000-0000-4000-8000-000000000001' } },
  }),
  inChannel('an edited message of a channel', updates, undefined, {
    type: 'messageUpdate',
    text: `<at>retina</at> ${dig}`,
    channelData: { eventType: 'editMessage' },
  }),
  inPersonal('an edit that is sent as a message', updates, undefined, {
    text: dig,
    channelData: { eventType: 'editMessage' },
  }),
  inPersonal('a message whose deletion is undone', updates, undefined, {
    type: 'messageUpdate',
    text: dig,
    channelData: { eventType: 'undeleteMessage' },
  }),
  inPersonal('a deleted message', updates, undefined, {
    type: 'messageDelete',
    channelData: { eventType: 'softDeleteMessage' },
  }),
  inPersonal(
    'a reaction',
    'learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/conversation-messages (messageReaction)',
    undefined,
    { type: 'messageReaction', reactionsAdded: [{ type: 'like' }], replyToId: '1575667808184' },
  ),
  inPersonal(
    'a person who is added',
    'learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/subscribe-to-conversation-events',
    undefined,
    { type: 'conversationUpdate', membersAdded: [{ id: '29:bob' }] },
  ),
  inPersonal('typing', messages, undefined, { type: 'typing' }),
  inPersonal('a submitted card', actions, undefined, { text: undefined, value: { choice: 'a' } }),
  inPersonal('a submitted card with an empty text', actions, undefined, { text: '', value: { choice: 'a' } }),
  inPersonal('a button that says something', actions, dig, { text: dig, value: { choice: 'a' } }),
]
