import type { TeamsMessage } from './state.ts'

type Part = Record<string, unknown>

const elements = new Set([
  'RichTextBlock',
  'TextBlock',
  'Container',
  'ColumnSet',
  'Column',
  'FactSet',
  'Image',
  'ActionSet',
  'Input.Text',
  'Table',
])
const actions = new Set(['Action.Execute', 'Action.OpenUrl', 'Action.ShowCard', 'Action.ToggleVisibility'])

/**
 * Returns an error code for an Adaptive Card 1.5 that clients can't show, or undefined. Source: adaptivecards.io, "Schema Explorer"; Teams
 * allows six actions.
 */
export function cardMistake(card: Part | undefined): string | undefined {
  if (card === undefined || card['type'] !== 'AdaptiveCard' || card['version'] !== '1.5') return 'BadCard'
  const mistakes = [...list(card['body']).flatMap(elementMistakes), ...actionMistakes(list(card['actions']))]
  return mistakes[0]
}

function list(value: unknown): Part[] {
  return Array.isArray(value) ? (value as Part[]) : []
}

function elementMistakes(element: Part): string[] {
  if (!elements.has(String(element['type']))) return [`BadCardElement ${String(element['type'])}`]
  if (element['type'] === 'RichTextBlock') {
    const inlines = list(element['inlines'])
    const wrong = inlines.some(
      (run) => run['type'] !== 'TextRun' || typeof run['text'] !== 'string' || run['text'] === '',
    )
    return inlines.length === 0 || wrong ? ['BadTextRun'] : []
  }
  if (element['type'] === 'Table') return tableMistakes(element)
  return [...list(element['items']).flatMap(elementMistakes), ...actionMistakes(list(element['actions']))]
}

/** Source: adaptivecards.io, "Schema Explorer", Table: rows of cells, as many as there are columns. */
function tableMistakes(table: Part): string[] {
  const columns = list(table['columns']).length
  const rows = list(table['rows'])
  if (columns === 0 || rows.length === 0) return ['BadTable']
  return rows.flatMap((row) => {
    const cells = list(row['cells'])
    const wrong = row['type'] !== 'TableRow' || cells.length !== columns
    if (wrong || cells.some((cell) => cell['type'] !== 'TableCell')) return ['BadTable']
    return cells.flatMap((cell) => list(cell['items']).flatMap(elementMistakes))
  })
}

function actionMistakes(all: readonly Part[]): string[] {
  if (all.length > 6) return ['TooManyActions']
  return all.flatMap((action) => {
    if (!actions.has(String(action['type'])) || typeof action['title'] !== 'string') return ['BadAction']
    const inner = action['card'] as Part | undefined
    return inner === undefined ? [] : [cardMistake(inner)].filter((mistake) => mistake !== undefined)
  })
}

/** Returns the texts of a message and of its thread, as a person who has opened the thread reads them. */
export function readThread({ card, replies }: Pick<TeamsMessage, 'card' | 'replies'>): string {
  return [card, ...replies.map((reply) => reply.card)].map(read).join('\n')
}

/** Returns the messages that stand in channels: all but those in threads that the bot began. */
export function inChannels(messages: readonly TeamsMessage[]): TeamsMessage[] {
  const inThreads = new Set(messages.flatMap(({ replies }) => replies))
  return messages.filter((message) => !inThreads.has(message))
}

/** Returns a card's text as a person reads it, with buttons as `[Cancel]`. Marks with `⚠` what clients would render as Markdown. */
export function read(card: Part): string {
  const buttons = list(card['actions']).map((action) => `[${String(action['title'])}]`)
  return [...list(card['body']).map(readElement), buttons.join(' ')].join('\n')
}

function readElement(element: Part): string {
  switch (element['type']) {
    case 'RichTextBlock':
      return list(element['inlines'])
        .map((run) => String(run['text']).replaceAll('\u00a0', ' '))
        .join('')
    case 'TextBlock':
      return `⚠${String(element['text'])}⚠`
    case 'Table':
      return list(element['rows'])
        .map((row) =>
          list(row['cells'])
            .map((cell) => list(cell['items']).map(readElement).join(' '))
            .join(' | '),
        )
        .join('\n')
    case 'ActionSet':
      return list(element['actions'])
        .map((action) => `[${String(action['title'])}] ${String(action['url'] ?? '')}`)
        .join(' ')
    default:
      return list(element['items']).map(readElement).join('\n')
  }
}

/** Returns the data that each button of a card sends, by verb, including the buttons of its nested cards. */
export function buttonsOf(card: Part): Map<string, Part> {
  const all = list(card['actions']).flatMap((action) =>
    action['type'] === 'Action.ShowCard' ? list((action['card'] as Part)['actions']) : [action],
  )
  return new Map(all.map((action) => [String(action['verb']), (action['data'] ?? {}) as Part]))
}
