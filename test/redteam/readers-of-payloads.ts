import { checkPayload, isReadable } from '#adapters/slack/payload'
import { commandIn } from '#adapters/slack/receive'
import { parseActivity } from '#adapters/teams/activity'
import { conversationOf } from '#adapters/teams/conversation-store'
import { typedText } from '#adapters/teams/typed-text'
import { knownNames } from '#src/app/policy-file'
import { parseConfig } from '#src/config/load'
import { parseJsonBody } from '#src/http/request-body'
import { parseRequestTarget } from '#src/http/request-target'
import { anyLengths, type HostileFunction, someLengths } from './hostile-function.ts'

const one = (name: string, run: (text: string) => unknown, lengths = anyLengths): HostileFunction => ({
  name,
  lengths,
  run: (text) => void run(text),
})

const bytes = (value: unknown) => Buffer.from(JSON.stringify(value))
const isForm = 'application/x-www-form-urlencoded'

/** Runs a check that throws for what it refuses. */
function refuses(work: () => void): void {
  try {
    work()
  } catch {
    // Refused, which is as good as accepted here.
  }
}

const mention = (text: string) => ({ type: 'app_mention', user: text, text, channel: text, ts: text, thread_ts: text })
const activity = (text: string) => ({
  type: 'message',
  channelId: 'msteams',
  serviceUrl: text,
  conversation: { id: text, tenantId: text },
  text,
  recipient: { id: '28:bot', name: '' },
  entities: Array.from({ length: text.length / 100 }, () => ({
    type: 'mention',
    mentioned: { id: '28:bot' },
    text: text.slice(0, 100),
  })),
})

const htmlActivity = (content: string) => ({
  ...activity('<at>bot</at>'),
  attachments: [{ contentType: 'text/html', content }],
})

type Sent = Parameters<typeof typedText>[0] & Parameters<typeof conversationOf>[0]

/** Everything that reads what a client sends, before and after it is known who sent it. */
export const readersOfPayloads: readonly HostileFunction[] = [
  one('the target of a request', parseRequestTarget),
  one('the path of a request', (text) => parseRequestTarget(`/${text}`)),
  one('the query of a request', (text) => parseRequestTarget(`/x?${text}`)),
  one('a body that is JSON', (text) => parseJsonBody(Buffer.from(text))),
  one('a body with the text in JSON', (text) => parseJsonBody(bytes({ text, [text]: text }))),
  one('a form of Slack', (text) => isReadable(Buffer.from(text), isForm)),
  one('a payload of Slack', (text) =>
    isReadable(Buffer.from(`payload=${encodeURIComponent(text.toWellFormed())}`), isForm),
  ),
  one('JSON of Slack', (text) => isReadable(Buffer.from(text), 'application/json')),
  one('an event of Slack', (text) =>
    refuses(() => checkPayload({ type: 'event_callback', team_id: text, event: mention(text) })),
  ),
  one('a command of Slack', (text) =>
    refuses(() =>
      checkPayload({ command: text, text, user_id: text, team_id: text, channel_id: text, trigger_id: text }),
    ),
  ),
  one('the words of an event of Slack', (text) => commandIn(mention(text))),
  one('the words of a mention of Slack', (text) => commandIn(mention(`<@${text}> ${text}`))),
  one('the words of an event of Slack for this bot', (text) => commandIn(mention(text), 'U1')),
  one('the words of a mention of Slack for this bot', (text) => commandIn(mention(`"<@U1>${text} <@U1>`), 'U1')),
  one('an activity of Teams', (text) => parseActivity(bytes(activity(text)))),
  one('the words of an activity of Teams', (text) => typedText(activity(text) as unknown as Sent)),
  one('the HTML of an activity of Teams', (text) => typedText(htmlActivity(text) as unknown as Sent)),
  one('the HTML of an activity of Teams, in a tag', (text) =>
    typedText(htmlActivity(`<p><a href="${text}">${text}</a>`) as unknown as Sent),
  ),
  one('the place of an activity of Teams', (text) => conversationOf(activity(text) as unknown as Sent)),
  one('a configuration', (text) => parseConfig(text, {}, knownNames()), someLengths),
  one(
    'a configuration with an expression',
    (text) => parseConfig(`redact: [${JSON.stringify(text)}]`, {}, knownNames()),
    someLengths,
  ),
]
