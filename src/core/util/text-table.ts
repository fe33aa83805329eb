/** Maximum characters of a cell; longer ones are cut and end with "…". */
const maxCellChars = 60

/** Returns a table as text in aligned columns, for a monospace font. Widths count characters, not bytes. */
export function tableText(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map((name) => name.toUpperCase()), ...rows].map((row) => row.map(cut))
  const widths = columns.map((_name, column) =>
    lines.reduce((widest, line) => Math.max(widest, countChars(line[column] ?? '')), 0),
  )
  return lines
    .map((line) =>
      line
        .map((cell, column) => pad(cell, widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function cut(cell: string): string {
  // A character has two UTF-16 units at most: what is longer is not looked at.
  const characters = [...cell.slice(0, 2 * (maxCellChars + 1)).replaceAll('\n', ' ')]
  return characters.length <= maxCellChars ? characters.join('') : `${characters.slice(0, maxCellChars - 1).join('')}…`
}

function countChars(text: string): number {
  return [...text].length
}

function pad(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - countChars(cell)))
}
