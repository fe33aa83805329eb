import { cutTable, type TableView } from '#core/messages/view'

/** Content type of an Adaptive Card in an activity. */
export const cardContentType = 'application/vnd.microsoft.card.adaptive'

/** Element of an Adaptive Card. */
export type Element = Record<string, unknown>

/** Returns a text as clients show it verbatim: they format dates (`{{DATE(…)}}`) in it, which a word joiner prevents. */
export function verbatim(text: string): string {
  return text.replaceAll(/\{\{(?=DATE\(|TIME\()/g, '{\u2060{')
}

/** Returns a text of parts, which clients show verbatim. */
export function richText(parts: readonly (Element & { text: string })[], spacing = 'Default'): Element {
  const shown = parts.filter(({ text }) => text !== '')
  const inlines = shown.map((part) => ({ type: 'TextRun', ...part, text: verbatim(part.text) }))
  return { type: 'RichTextBlock', inlines, spacing }
}

/** Largest numbers of rows and columns of a table in a card: what is readable on a wide screen, and well below 28 KB. */
const maxRows = 12
const maxColumns = 7

/**
 * Renders a table under its caption. `Table` is an element of Adaptive Cards 1.5; a client that doesn't know it shows its
 * fallback. Source: adaptivecards.io, "Schema Explorer", Table.
 */
export function tableOf(table: TableView): Element[] {
  const { caption, heads, rows } = cutTable(table, maxRows, maxColumns)
  const row = (texts: readonly string[], isHead: boolean): Element => ({
    type: 'TableRow',
    cells: texts.map((text, at) => ({
      type: 'TableCell',
      items: [richText([{ text, size: 'Small', ...(isHead || at === 0 ? { weight: 'Bolder' } : {}) }], 'None')],
      ...(text === 'FAIL' ? { style: 'attention' } : text === 'WARN' ? { style: 'warning' } : {}),
    })),
  })
  return [
    richText([{ text: caption, isSubtle: true, size: 'Small' }]),
    {
      type: 'Table',
      firstRowAsHeader: true,
      showGridLines: true,
      columns: heads.map(() => ({ width: 1 })),
      rows: [row(heads, true), ...rows.map((texts) => row(texts, false))],
      fallback: 'drop',
    },
  ]
}
