import { firstChars } from '#core/util/cut-text'
import { isRecord, parseJson, toList, toRecord } from '#core/util/json'
import { cardContentType, richText } from './card-elements.ts'
import { partsOfHtml } from './received-parts.ts'

/** Id of the command "Triage this" in the app's manifest. */
const triageCommand = 'triage'

/** Invokes of a message's menu: with `fetchTask` in the manifest the first one, without it the second. */
const actionNames: readonly string[] = ['composeExtension/fetchTask', 'composeExtension/submitAction']

/** Largest number of characters that are read of a message and of a card. */
const maxChars = 4_000
const maxCardChars = 100_000
/** Largest number of elements in each other that are read of a card. */
const maxDepth = 12

/**
 * Returns the text of the message whose menu a person used for "Triage this"; undefined for other invokes. Source:
 * learn.microsoft.com, "Define message extension action commands", messagePayload.
 */
export function textOfChosenMessage(activity: { name?: unknown; value?: unknown }): string | undefined {
  if (!actionNames.includes(String(activity.name))) return undefined
  const { commandId, messagePayload } = toRecord(activity.value)
  if (commandId !== triageCommand || !isRecord(messagePayload)) return undefined
  const { content, contentType } = toRecord(messagePayload['body'])
  const body = typeof content === 'string' ? firstChars(content, maxCardChars) : ''
  const html = contentType === 'text' ? [{ text: body }] : partsOfHtml(body, new Set())
  const texts = [html.map(({ text }) => text).join('')]
  for (const { content: card } of toList(messagePayload['attachments']).slice(0, 10))
    collect(typeof card === 'string' ? parseJson(firstChars(card, maxCardChars)) : card, texts, 0)
  const lines = texts.flatMap((text) => text.split('\n')).map((line) => line.trim())
  return firstChars(lines.filter((line) => line !== '').join('\n'), maxChars)
}

/** Collects what is read of an Adaptive Card or a connector card. */
function collect(part: unknown, texts: string[], depth: number): void {
  if (depth > maxDepth || texts.length > 200) return
  if (Array.isArray(part)) for (const each of part.slice(0, 100)) collect(each, texts, depth + 1)
  else if (isRecord(part))
    for (const [name, value] of Object.entries(part).slice(0, 100))
      if (typeof value !== 'string') collect(value, texts, depth + 1)
      else if (shownFields.has(name)) texts.push(firstChars(value, maxChars))
}

const shownFields: ReadonlySet<string> = new Set(['text', 'title', 'subtitle', 'summary', 'value', 'fallbackText'])

/**
 * Returns the answer to an invoke of a message's menu: a dialog with a text. The first invoke takes no plain message, only
 * a card or a page. Source: learn.microsoft.com, "Respond to initial submit request from message extension".
 */
export function textDialog(text: string) {
  const body = [richText([{ type: 'TextRun', text }])]
  const card = { contentType: cardContentType, content: { type: 'AdaptiveCard', version: '1.5', body } }
  return { task: { type: 'continue', value: { title: 'Triage', height: 'small', width: 'small', card } } }
}
