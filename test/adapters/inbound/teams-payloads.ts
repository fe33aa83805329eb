import type { InboundRow } from './row.ts'

type Change = Record<string, unknown>

export type TeamsRow = InboundRow & { payload: Change; conversation: string }

const channel = '19:incident@thread.tacv2'
const chat = '19:group@thread.v2'
const personal = 'a:alice'

/** Returns the entity of a mention; the bot's without arguments. */
export function mentioned(
  name = 'retina',
  id = '28:00000000-0000-4000-8000-00000000b0b0',
  text: string | null = `<at>${name}</at>`,
) {
  return { type: 'mention', mentioned: { id, name }, text }
}

export const bob = mentioned('Bob', '29:bob')

/** Returns the mention of a person or bot in the HTML of a message. */
export function span(name: string, item = 0): string {
  return `<span itemscope="" itemtype="http://schema.skype.com/Mention" itemid="${item}">${name}</span>`
}

export function html(content: string): object[] {
  return [{ contentType: 'text/html', contentUrl: null, content, name: null, thumbnailUrl: null }]
}

function row(conversation: string, change: Change) {
  return (what: string, source: string, words: InboundRow['words'], more: Change = {}): TeamsRow => ({
    what,
    source,
    words,
    conversation,
    payload: { type: 'message', textFormat: 'plain', ...change, ...more },
  })
}

/** A message of a channel that mentions the bot. */
export const inChannel = row(channel, { entities: [mentioned()] })
/** A message of a channel without a mention. */
export const unaddressed = row(channel, {})
export const inChat = row(chat, { entities: [mentioned()] })
export const inPersonal = row(personal, {})
