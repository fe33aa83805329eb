/** Maximum characters of a cell; longer ones are cut and end with "…". */
const maxCellChars = 60

/** Returns a table as text in aligned columns, for a monospace font. Widths count characters, not bytes. */
export function tableText(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map((name) => name.toUpperCase()), ...rows].map((row) => row.map(cut))
  const widths = columns.map((_name, column) => Math.max(...lines.map((line) => [...(line[column] ?? '')].length)))
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
  const characters = [...cell.replaceAll('\n', ' ')]
  return characters.length <= maxCellChars ? characters.join('') : `${characters.slice(0, maxCellChars - 1).join('')}…`
}

function pad(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - [...cell].length))
}
