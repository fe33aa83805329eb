import type { HeatTable } from '#core/triage/heat-table'
import { renderPng } from './render-png.ts'

/** Sizes in points. */
const cellHeight = 22
const labelWidth = 170
const headHeight = 130
const minWidth = 480
const legendHeight = 34

/** Colours that differ in brightness too, so that they can be told apart without seeing red and green; each has a letter. */
const cells = {
  fail: { fill: '#9f1239', text: '#ffffff', letter: 'F' },
  warn: { fill: '#fbbf24', text: '#1e293b', letter: 'W' },
  ok: { fill: '#e2e8f0', text: '#94a3b8', letter: '·' },
  unknown: { fill: '#f8fafc', text: '#94a3b8', letter: '?' },
} as const

/** Renders a table of checks by targets as PNG, at two pixels a point. */
export async function heatTablePng(table: HeatTable): Promise<Uint8Array> {
  const { svg, width } = heatTableSvg(table)
  return renderPng(svg, width)
}

/** Returns the table as SVG. */
function heatTableSvg({ title, columns, rows }: HeatTable): { svg: string; width: number } {
  const cellWidth = Math.max(6, Math.min(26, Math.floor(1_000 / Math.max(1, columns.length))))
  const width = Math.max(minWidth, labelWidth + cellWidth * columns.length + 90)
  const height = headHeight + cellHeight * rows.length + legendHeight
  const step = Math.ceil(12 / cellWidth)
  const heads = columns.map((name, at) => {
    if (at % step > 0) return ''
    const x = labelWidth + cellWidth * at + cellWidth / 2
    return `<text x="${x}" y="${headHeight - 8}" font-size="11" fill="#475569" transform="rotate(-50 ${x} ${headHeight - 8})">${xmlText(name, 18)}</text>`
  })
  const body = rows.map(({ check, cells: own }, row) => {
    const y = headHeight + cellHeight * row
    const label = `<text x="${labelWidth - 10}" y="${y + 15}" font-size="12" text-anchor="end" fill="#1e293b">${xmlText(check, 24)}</text>`
    return [label, ...own.map((status, at) => cellSvg(status, labelWidth + cellWidth * at, y, cellWidth))].join('')
  })
  const legend = (['fail', 'warn', 'ok', 'unknown'] as const).map((status, at) => {
    const x = 16 + at * 110
    const y = height - legendHeight + 8
    const name = { fail: 'failed', warn: 'to watch', ok: 'good', unknown: 'not looked at' }[status]
    return `${cellSvg(status, x, y - 2, 20)}<text x="${x + 26}" y="${y + 13}" font-size="11" fill="#475569">${name}</text>`
  })
  const head = `<text x="16" y="26" font-size="15" fill="#1e293b">${xmlText(title, 70)}</text>`
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="DejaVu Sans"><rect width="100%" height="100%" fill="#ffffff"/>${head}${heads.join('')}${body.join('')}${legend.join('')}</svg>`
  return { svg, width }
}

function cellSvg(status: keyof typeof cells, x: number, y: number, width: number): string {
  const { fill, text, letter } = cells[status]
  const box = `<rect x="${x}" y="${y}" width="${width - 1}" height="${cellHeight - 2}" fill="${fill}" stroke="#cbd5e1" stroke-width="0.5"/>`
  if (width < 9) return box
  return `${box}<text x="${x + (width - 1) / 2}" y="${y + 14}" font-size="10" text-anchor="middle" fill="${text}">${letter}</text>`
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
