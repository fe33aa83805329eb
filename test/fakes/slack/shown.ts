import type { SlackMessage } from './state.ts'

type Part = Record<string, unknown>

type Threaded = Pick<SlackMessage, 'blocks' | 'text'> & { replies?: readonly SlackMessage[] }

/** Returns the texts of a message and of its thread, as a person who has opened the thread reads them. */
export function shown(message: Threaded): string {
  return [message, ...(message.replies ?? [])].map(shownAlone).join('\n')
}

/** Returns the messages that stand in channels: all but those in threads of others. */
export function inChannels(messages: readonly SlackMessage[]): SlackMessage[] {
  const inThreads = new Set(messages.flatMap(({ replies }) => replies))
  return messages.filter((message) => !inThreads.has(message))
}

/**
 * Returns a message's text as a person reads it, with buttons as `[Cancel]`. Marks with `⚠` what Slack would render as a mention, link or
 * format.
 */
export function shownAlone(message: Pick<SlackMessage, 'blocks' | 'text'>): string {
  if (message.blocks.length === 0) return mrkdwn(message.text)
  return message.blocks.map(blockText).join('\n')
}

function blockText(block: Part): string {
  const elements = (block['elements'] ?? []) as Part[]
  switch (block['type']) {
    case 'rich_text':
      return elements.map(richText).join('\n')
    case 'context':
      return elements.map(textObject).join('\n')
    case 'data_table': {
      const rows = (block['rows'] ?? []) as Part[][]
      return [String(block['caption']), ...rows.map((row) => row.map(textObject).join(' | '))].join('\n')
    }
    case 'actions':
      return elements.map((button) => `[${textObject(button['text'] as Part)}]`).join(' ')
    default:
      return textObject(block['text'] as Part)
  }
}

function richText(part: Part): string {
  const elements = (part['elements'] ?? []) as Part[]
  if (part['type'] === 'rich_text_list') return elements.map((each) => `• ${richText(each)}`).join('\n')
  return elements.map(leaf).join('')
}

function leaf(part: Part): string {
  if (part['type'] === 'text') return String(part['text'])
  if (part['type'] === 'date') return String(part['fallback'])
  if (part['type'] === 'emoji') return `:${String(part['name'])}:`
  const { user_id: user, usergroup_id: group } = part
  return `⚠${String(part['type'])}${user === undefined && group === undefined ? '' : ` ${String(user ?? group)}`}⚠`
}

function textObject(part: Part | undefined): string {
  const text = String(part?.['text'] ?? '')
  return part?.['type'] === 'mrkdwn' ? mrkdwn(text) : text
}

/** Returns the text of Slack's markup, with mentions and links marked. */
function mrkdwn(text: string): string {
  return text
    .replaceAll(/<[@#!][^>]*>/g, '⚠mention⚠')
    .replaceAll(/<(https?:|mailto:)[^>]*>/g, '⚠link⚠')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}

/** Returns the values of the buttons of a message and of its thread, by action. */
export function buttonsOf({
  blocks,
  replies = [],
}: Pick<SlackMessage, 'blocks'> & { replies?: readonly SlackMessage[] }): Record<string, string> {
  const elements = [...replies.flatMap((reply) => reply.blocks), ...blocks]
    .filter((block) => block['type'] === 'actions')
    .flatMap((block) => block['elements'] as Part[])
  return Object.fromEntries(elements.map((button) => [String(button['action_id']), String(button['value'])]))
}

/** Returns the first link to a shell in messages. */
export function shellLinkIn(messages: readonly SlackMessage[]): string | undefined {
  return messages
    .map(({ blocks }) => /http:\/\/localhost\S+?\/t\/\w+#[\w-]+/.exec(JSON.stringify(blocks ?? []))?.[0])
    .find((link) => link !== undefined)
}
