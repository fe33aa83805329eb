/** Slack's documented limits on messages; an answer other than undefined is the error that Slack gives. */
const known = new Set(['section', 'context', 'actions', 'divider', 'header', 'rich_text', 'markdown', 'image', 'input'])
/** Characters after which Slack was seen to cut a message (bolt-js#2509). */
const seenCut = 13_200

type Block = Record<string, unknown>

export function messageError(text: unknown, blocks: unknown): string | undefined {
  if (typeof text !== 'string' || text === '') return 'no_text'
  if (text.length > 40_000) return 'msg_too_long'
  if (blocks === undefined) return undefined
  if (!Array.isArray(blocks) || blocks.length > 50) return 'invalid_blocks'
  const all = blocks as Block[]
  if (JSON.stringify(all).length > seenCut) return 'msg_blocks_too_long'
  return all.some((block) => blockError(block)) ? 'invalid_blocks' : undefined
}

function blockError(block: Block): boolean {
  const type = String(block['type'])
  if (!known.has(type)) return true
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
    case 'rich_text':
      return elements.length === 0 || elements.some(richTextError)
    default:
      return false
  }
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

/** So many calls at once, and so many a second after that; what is more has to wait. */
export function bucket(burst: number, perSecond: number) {
  const left = new Map<string, { tokens: number; at: number }>()
  /** Seconds to wait, as `Retry-After` says it; 0 lets the call in. */
  return (key: string): number => {
    const now = Date.now()
    const before = left.get(key) ?? { tokens: burst, at: now }
    const tokens = Math.min(burst, before.tokens + ((now - before.at) / 1_000) * perSecond)
    left.set(key, { tokens: tokens < 1 ? tokens : tokens - 1, at: now })
    return tokens < 1 ? Math.ceil((1 - tokens) / perSecond) : 0
  }
}
