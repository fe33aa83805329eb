/** Types of blocks that Slack accepts. */
const blockTypes = new Set([
  'section',
  'context',
  'actions',
  'divider',
  'header',
  'rich_text',
  'markdown',
  'image',
  'input',
  'data_table',
])
/** Length at which Slack was observed to truncate a message, in characters (bolt-js#2509). */
const observedLimit = 13_200

type Block = Record<string, unknown>

/** Checks a message against Slack's documented limits; returns the error code that Slack would return, if any. */
export function messageError(text: unknown, blocks: unknown): string | undefined {
  if (typeof text !== 'string' || text === '') return 'no_text'
  if (text.length > 40_000) return 'msg_too_long'
  if (blocks === undefined) return undefined
  if (!Array.isArray(blocks) || blocks.length > 50) return 'invalid_blocks'
  const all = blocks as Block[]
  const cellChars = all
    .filter(({ type }) => type === 'data_table')
    .flatMap(cellTexts)
    .join('').length
  if (cellChars > 10_000) return 'invalid_blocks'
  if (JSON.stringify(all).length > observedLimit) return 'msg_blocks_too_long'
  return all.some((block) => blockError(block)) ? 'invalid_blocks' : undefined
}

function blockError(block: Block): boolean {
  const type = String(block['type'])
  if (!blockTypes.has(type)) return true
  const elements = (block['elements'] ?? []) as Block[]
  switch (type) {
    case 'section':
      return textOf(block['text']).length > 3_000 || textOf(block['text']) === ''
    case 'header':
      return textOf(block['text']).length > 150
    case 'context':
      return elements.length > 10 || elements.some((each) => textOf(each).length > 2_000 || textOf(each) === '')
    case 'actions':
      return elements.length === 0 || elements.length > 25 || elements.some(buttonError)
    case 'data_table':
      return dataTableError(block)
    case 'rich_text':
      return elements.length === 0 || elements.some(richTextError)
    default:
      return false
  }
}

/** Rows of a table, each as its cells. */
function rowsOf(block: Block): Block[][] {
  const { rows } = block
  return Array.isArray(rows) ? rows.map((row) => (Array.isArray(row) ? (row as Block[]) : [])) : []
}

const cellTexts = (block: Block): string[] =>
  rowsOf(block)
    .flat()
    .map((cell) => textOf(cell))

/** Source: docs.slack.dev, "Data table block". */
function dataTableError(block: Block): boolean {
  const rows = rowsOf(block)
  const columns = rows[0]?.length ?? 0
  const { caption, page_size: pageSize = 5, row_header_column_index: head = 0 } = block
  const wrongCell = ({ type, text, value }: Block, isHead: boolean) =>
    type === 'raw_text'
      ? typeof text !== 'string' || text === ''
      : type === 'raw_number'
        ? typeof value !== 'number'
        : type !== 'rich_text' || isHead
  return (
    typeof caption !== 'string' ||
    caption === '' ||
    rows.length < 2 ||
    rows.length > 101 ||
    columns < 1 ||
    columns > 20 ||
    rows.some((row, at) => row.length !== columns || row.some((cell) => wrongCell(cell, at === 0))) ||
    typeof pageSize !== 'number' ||
    pageSize < 1 ||
    pageSize > 100 ||
    typeof head !== 'number' ||
    head < 0 ||
    head >= columns
  )
}

function buttonError(button: Block): boolean {
  const value = String(button['value'] ?? '')
  const id = String(button['action_id'] ?? '')
  return button['type'] !== 'button' || textOf(button['text']).length > 75 || value.length > 2_000 || id.length > 255
}

const richParts = new Set(['rich_text_section', 'rich_text_list', 'rich_text_preformatted', 'rich_text_quote'])

function richTextError(part: Block): boolean {
  const elements = part['elements']
  if (!richParts.has(String(part['type'])) || !Array.isArray(elements)) return true
  if (part['type'] === 'rich_text_list') return (elements as Block[]).some(richTextError)
  // Slack refuses empty texts.
  return (elements as Block[]).some((each) => each['type'] === 'text' && each['text'] === '')
}

function textOf(part: unknown): string {
  return typeof part === 'object' && part !== null ? String((part as Block)['text'] ?? '') : ''
}

/** Returns a token-bucket rate limiter per key: `burst` calls at once, then `perSecond`. */
export function bucket(burst: number, perSecond: number) {
  const left = new Map<string, { tokens: number; at: number }>()
  /** Returns the seconds to wait, as in `Retry-After`; 0 if the call is allowed. */
  return (key: string): number => {
    const now = Date.now()
    const before = left.get(key) ?? { tokens: burst, at: now }
    const tokens = Math.min(burst, before.tokens + ((now - before.at) / 1_000) * perSecond)
    left.set(key, { tokens: tokens < 1 ? tokens : tokens - 1, at: now })
    return tokens < 1 ? Math.ceil((1 - tokens) / perSecond) : 0
  }
}
