import { hideInPipeline } from '#core/output/hide-in-command'
import { hideSecrets } from '#core/output/redact'
import type { Message } from './message.ts'
import type { RequestFacts } from './request-facts.ts'

/** Parts of messages without a person's or a program's words: ids, digests, links of the bot's own, and output, which is redacted as it comes. */
const ownParts: ReadonlySet<string> = new Set([
  'kind',
  'id',
  'link',
  'image',
  'hash',
  'output',
  'requester',
  'account',
  'mention',
  'insight',
  'actions',
  'state',
  'cluster',
  'file',
])

/** Returns a message with marks in the place of secrets in the commands, reasons and other texts that it repeats. */
export function hideInMessage(message: Message): Message {
  if (message.kind === 'help') return message
  // The text of a page of output is redacted as it comes.
  if (message.kind === 'output') return { ...message, what: hideSecrets(message.what) }
  return hideIn(message) as Message
}

function hideIn(value: unknown): unknown {
  if (typeof value === 'string') return value.length < minSecretChars ? value : hideSecrets(value)
  if (Array.isArray(value)) return value.map(hideIn)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, hideInPart(name, part)]))
}

function hideInPart(name: string, part: unknown): unknown {
  if (ownParts.has(name)) return part
  // Words of a command are no secrets by themselves: the text before them decides.
  return name === 'pipeline' ? hideInPipeline(part as RequestFacts['pipeline']) : hideIn(part)
}

/** No shorter text has a name and a secret. */
const minSecretChars = 8
