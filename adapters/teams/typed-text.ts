import type { Activity } from 'botbuilder'
import { type AddressedText, addressedText, type MessagePart } from '#adapters/common/addressed-text'
import { decodeEntities } from './html-tokens.ts'
import { partsOfHtml, partsOfText } from './received-parts.ts'

type TypedActivity = Pick<Activity, 'text' | 'recipient' | 'entities' | 'attachments'>

/** Maximum length of what is read of a message, as text and as HTML; a command is far shorter. */
const maxTextChars = 20_000
const maxHtmlChars = 100_000

/**
 * Returns what a person typed in a message of Teams, without the address to the bot; mentions of others become `@name`. Clients send the message as
 * HTML in an attachment, which is what was typed, and as `text`, which may be missing, cut, or include what the message quotes.
 * Source: MicrosoftDocs/msteams-docs#3960.
 */
export function typedText(activity: TypedActivity): AddressedText {
  const { text, isAddressed } = addressedText(partsOf(activity))
  return { text: withoutEmptyLines(text), isAddressed: isAddressed || ownMentions(activity).length > 0 }
}

/** Beginning of a `text` that is HTML. */
const htmlStart = /^\s*<(?:p|div|span|pre|codeblock|blockquote|ul|ol)[\s>]/i

function partsOf(activity: TypedActivity): readonly MessagePart[] {
  const own = ownNames(activity)
  for (const { contentType, content } of activity.attachments ?? []) {
    if (contentType !== 'text/html' || typeof content !== 'string') continue
    const parts = partsOfHtml(content.slice(0, maxHtmlChars), own)
    if (parts.some(({ text }) => text.trim() !== '')) return parts
  }
  const text = (activity.text ?? '').slice(0, maxTextChars)
  return htmlStart.test(text) ? partsOfHtml(text, own) : partsOfText(text, own)
}

function ownMentions({ entities, recipient }: TypedActivity) {
  // The Bot Framework may send null for what isn't there.
  return (entities ?? []).filter(
    ({ type, ...entity }) => type === 'mention' && entity['mentioned']?.id === recipient?.id,
  )
}

function ownNames(activity: TypedActivity): ReadonlySet<string> {
  const names = ownMentions(activity).flatMap((entity) => {
    const written = String(entity['text'] ?? '').replaceAll(/<\/?at[^<>]*>/g, '')
    return [decodeEntities(written), String(entity['mentioned']?.name ?? '')]
  })
  return new Set([...names, activity.recipient?.name ?? ''].map((name) => name.trim()).filter((name) => name !== ''))
}

function withoutEmptyLines(text: string): string {
  return text
    .split(/\r\n?|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n')
}
