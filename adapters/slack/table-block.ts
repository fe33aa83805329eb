import type { DataTableBlock, KnownBlock } from '@slack/types'
import { cutTable, type TableView } from '#core/messages/view'

/** Largest numbers of rows below the head, of columns, and of characters in all cells. Source: docs.slack.dev, "Data table block". */
const maxRows = 100
const maxColumns = 20
const maxCellChars = 10_000
/** Rows of a page of the table: as many as stand on a phone together with the findings. */
const pageSize = 10
/** Largest length of all blocks as JSON: beyond some 13,200, Slack was observed to truncate a message (slackapi/bolt-js#2509). */
const maxBlocksChars = 12_500

/**
 * Returns as much of a table as fits into a message with these other blocks; undefined where not even one row does.
 */
export function tableBlock(table: TableView, others: readonly KnownBlock[]): DataTableBlock | undefined {
  const room = maxBlocksChars - JSON.stringify(others).length
  for (let rows = Math.min(table.rows.length, maxRows); rows > 0; rows -= 1) {
    const block = toBlock(cutTable(table, rows, maxColumns))
    const chars = block.rows.flat().reduce((sum, cell) => sum + ('text' in cell ? cell.text.length : 0), 0)
    if (chars <= maxCellChars && JSON.stringify(block).length <= room) return block
  }
  return undefined
}

function toBlock({ caption, heads, rows }: TableView): DataTableBlock {
  // Slack refuses empty cells.
  const cell = (text: string) => ({ type: 'raw_text' as const, text: text === '' ? '–' : text })
  return {
    type: 'data_table',
    caption,
    rows: [heads, ...rows].map((row) => row.map(cell)),
    page_size: Math.min(pageSize, rows.length),
  }
}

/** Returns true for a message with a table. */
export function hasTable(blocks: readonly { type: string }[]): boolean {
  return blocks.some(({ type }) => type === 'data_table')
}
