import type { InboundRow } from './row.ts'

const bot = 'U0RETINA'

type Change = Record<string, unknown>
let serial = 0

/** Returns the envelope of an event, as the Events API sends it. */
function envelope(event: Change): object {
  serial += 1
  return {
    type: 'event_callback',
    team_id: 'T0HOME',
    api_app_id: 'A1',
    event_id: `Ev${serial}`,
    event_time: 1_515_449_522,
    authorizations: [
      { enterprise_id: null, team_id: 'T0HOME', user_id: bot, is_bot: true, is_enterprise_install: false },
    ],
    event: {
      user: 'U0ALICE',
      ts: `1515449522.${String(serial).padStart(6, '0')}`,
      event_ts: '1515449522.000016',
      ...event,
    },
  }
}

/** Makes a row of an event that has a text. */
type TextRow = (what: string, source: string, text: string, words: InboundRow['words'], change?: Change) => InboundRow

const textRow =
  (event: Change): TextRow =>
  (what, source, text, words, change = {}) =>
    other(what, source, { ...event, text, ...change }, words)

/** Makes a row of an `app_mention` in a channel. */
export const mention = textRow({ type: 'app_mention', channel: 'C0INCIDENT' })
/** Makes a row of a `message` in a direct message with the bot. */
export const direct = textRow({ type: 'message', channel: 'D0ALICE', channel_type: 'im' })

/** Makes a row of any event. */
export function other(what: string, source: string, event: Change, words: InboundRow['words'] = undefined): InboundRow {
  return { what, source, words, payload: envelope(event) }
}

/** Makes a row of the fields of a slash command. */
export const slash: TextRow = (what, source, text, words, change = {}) => {
  serial += 1
  const payload = {
    command: '/retina',
    text,
    user_id: 'U0ALICE',
    user_name: 'alice',
    team_id: 'T0HOME',
    team_domain: 'home',
    channel_id: 'C0INCIDENT',
    channel_name: 'incident',
    trigger_id: `13345224609.738474920.${serial}`,
    api_app_id: 'A1',
    is_enterprise_install: 'false',
    ...change,
  }
  return { what, source, words, payload }
}

/** Returns the `rich_text` block that Slack's composer adds to what people send. */
export function richText(...elements: object[]): object[] {
  return [{ type: 'rich_text', block_id: 'b1', elements: [{ type: 'rich_text_section', elements }] }]
}
