import { expect, test } from '@jest/globals'
import type { HeatTable } from '#core/triage/heat-table'
import { heatTablePng, heatTableSvg } from '#src/charts/heat-table-png'

const tableOf = (columns: number, rows = 2, name = 'node'): HeatTable => ({
  title: 'node-network on nodes with pool=web',
  columns: Array.from({ length: columns }, (_none, at) => `${name}${at}`),
  rows: Array.from({ length: rows }, (_none, at) => ({
    check: `check${at}`,
    cells: Array.from(
      { length: columns },
      (_cell, column) => (['fail', 'warn', 'ok', 'unknown'] as const)[column % 4] ?? 'ok',
    ),
  })),
})

/** Number of letters in the cells, without those of the legend. */
const letters = (svg: string) => [...svg.matchAll(/text-anchor="middle"[^>]*>[FW·?]</g)].length - 4

test.each([1, 2, 50, 51, 60, 200])(
  'each cell of %i columns has a colour and a letter, and stands inside the picture',
  (columns) => {
    const { svg, width } = heatTableSvg(tableOf(columns))
    expect(letters(svg)).toBe(columns * 2)
    expect(Math.max(...[...svg.matchAll(/<rect x="([\d.]+)"/g)].map(([, x]) => Number(x)))).toBeLessThan(width)
    const height = Number(/ height="([\d.]+)"/.exec(svg)?.[1])
    expect(Math.max(...[...svg.matchAll(/ y="([\d.]+)"/g)].map(([, y]) => Number(y)))).toBeLessThan(height)
    // Two pixels a point: what phones and browsers still show.
    expect(width).toBeLessThan(1_400)
  },
)

test('names that are long or hold markup are drawn as text', async () => {
  const table = { ...tableOf(3, 1, '<b>&"'.repeat(20)), title: '<script>\u0000' }
  const { svg } = heatTableSvg(table)
  expect(svg).not.toContain('<b>')
  expect(svg).not.toContain('<script>')
  expect((await heatTablePng(table)).slice(1, 4)).toEqual(new Uint8Array([0x50, 0x4e, 0x47]))
})
