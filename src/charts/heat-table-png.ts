import type { HeatTable } from '#core/triage/heat-table'
import { renderPng } from './svg-to-png.ts'

/** Sizes in points. */
const cellHeight = 22
const cellWidth = 20
const labelWidth = 170
const titleHeight = 40
const minWidth = 480
const legendHeight = 36
const margin = 16
/** Width and height that a character of a column's name takes, at its slope. */
const headCharWidth = 4.2
const headCharHeight = 5.2
const maxHeadChars = 18
/** Number of columns beside each other; further ones stand below, so that each cell has room for its letter. */
const bandColumns = 50

/** Colours that differ in brightness too, so that they can be told apart without seeing red and green; each has a letter. */
const cells = {
  fail: { fill: '#9f1239', text: '#ffffff', letter: 'F' },
  warn: { fill: '#fbbf24', text: '#1e293b', letter: 'W' },
  ok: { fill: '#e2e8f0', text: '#64748b', letter: '·' },
  unknown: { fill: '#ffffff', text: '#475569', letter: '?' },
} as const

/** Renders a table of checks by targets as PNG, at two pixels a point. */
export async function heatTablePng(table: HeatTable): Promise<Uint8Array> {
  const { svg, width } = heatTableSvg(table)
  return renderPng(svg, width)
}

/** Returns the table as SVG, with its width in points. */
export function heatTableSvg({ title, columns, rows }: HeatTable): { svg: string; width: number } {
  const bands = Math.max(1, Math.ceil(columns.length / bandColumns))
  const perBand = Math.max(1, Math.ceil(columns.length / bands))
  const headChars = Math.min(maxHeadChars, Math.max(0, ...columns.map((name) => [...name].length)))
  const headHeight = 14 + headChars * headCharHeight
  const bandHeight = headHeight + cellHeight * rows.length
  const width = Math.max(minWidth, labelWidth + cellWidth * perBand + headChars * headCharWidth + margin)
  const height = titleHeight + bands * bandHeight + legendHeight
  const body = Array.from({ length: bands }, (_none, band) => {
    const from = band * perBand
    const y = titleHeight + band * bandHeight + headHeight
    const heads = columns.slice(from, from + perBand).map((name, at) => headSvg(name, at, y))
    const lines = rows.map(({ check, cells: own }, row) =>
      rowSvg(check, own.slice(from, from + perBand), y + cellHeight * row),
    )
    return [...heads, ...lines].join('')
  })
  const legend = (['fail', 'warn', 'ok', 'unknown'] as const).map((status, at) => {
    const x = margin + at * 110
    const y = height - legendHeight + 10
    const name = { fail: 'failed', warn: 'to watch', ok: 'good', unknown: 'not looked at' }[status]
    return `${cellSvg(status, x, y - 2)}<text x="${x + 26}" y="${y + 13}" font-size="11" fill="#475569">${name}</text>`
  })
  const head = `<text x="${margin}" y="26" font-size="15" fill="#1e293b">${xmlText(title, 90)}</text>`
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="DejaVu Sans"><rect width="100%" height="100%" fill="#ffffff"/>${head}${body.join('')}${legend.join('')}</svg>`
  return { svg, width }
}

function headSvg(name: string, column: number, y: number): string {
  const x = labelWidth + cellWidth * column + cellWidth / 2
  const short = xmlText(name, maxHeadChars)
  return `<text x="${x}" y="${y - 6}" font-size="10" fill="#475569" transform="rotate(-55 ${x} ${y - 6})">${short}</text>`
}

function rowSvg(check: string, statuses: readonly (keyof typeof cells)[], y: number): string {
  const label = `<text x="${labelWidth - 10}" y="${y + 15}" font-size="12" text-anchor="end" fill="#1e293b">${xmlText(check, 24)}</text>`
  return [label, ...statuses.map((status, at) => cellSvg(status, labelWidth + cellWidth * at, y))].join('')
}

function cellSvg(status: keyof typeof cells, x: number, y: number): string {
  const { fill, text, letter } = cells[status]
  const box = `<rect x="${x}" y="${y}" width="${cellWidth - 1}" height="${cellHeight - 2}" fill="${fill}" stroke="#cbd5e1" stroke-width="0.5"/>`
  return `${box}<text x="${x + (cellWidth - 1) / 2}" y="${y + 14}" font-size="11" text-anchor="middle" fill="${text}">${letter}</text>`
}

/** Returns a text for XML: shortened, without characters that it can't contain. */
function xmlText(text: string, length: number): string {
  const clean = [...text.replaceAll(/[\p{Cc}\p{Cs}\p{Co}\p{Cn}]/gu, '')]
  const short = clean.length <= length ? clean : [...clean.slice(0, length - 1), '…']
  return short
    .join('')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
