import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { type HeatTable, heatTable } from '#core/triage/heat-table'
import { playbooks } from '#src/app/playbooks'
import { heatTableSvg } from '#src/charts/heat-table-png'
import { renderPng } from '#src/charts/svg-to-png'
import { manyTargets } from '#test/samples/triage-messages'

/** Kinds of colour blindness, as matrices on linear RGB. Source: Machado, Oliveira and Fernandes, 2009, severity 1. */
const simulations = {
  protanopia: '0.152286 1.052583 -0.204868  0.114503 0.786281 0.099216  -0.003882 -0.048116 1.051998',
  deuteranopia: '0.367322 0.860646 -0.227968  0.280085 0.672501 0.047413  -0.011820 0.042940 0.968881',
  tritanopia: '1.255528 -0.076749 -0.178779  -0.078411 0.930809 0.147602  0.004733 0.691367 0.303900',
} as const

/** Returns a picture as a person with this kind of colour blindness sees it. */
function simulated(svg: string, matrix: string): string {
  const [r, g, b] = [0, 3, 6].map((at) =>
    matrix
      .split(/\s+/)
      .slice(at, at + 3)
      .join(' '),
  )
  const filter = `<filter id="seen" x="0" y="0" width="1" height="1"><feColorMatrix type="matrix" values="${r} 0 0 ${g} 0 0 ${b} 0 0 0 0 0 1 0"/></filter>`
  return svg.replace(/^(<svg[^>]*>)(.*)<\/svg>$/s, `$1<defs>${filter}</defs><g filter="url(#seen)">$2</g></svg>`)
}

/** Draws tables of 12, 60 and 400 targets, and that of 12 as colour-blind people see it, and in a dark chat. */
export async function pictureHeatTables(browser: Browser, folder: string): Promise<void> {
  const tableOf = (count: number): HeatTable => {
    const table = heatTable('node-network, node-health, dns on nodes with pool=web', manyTargets(count), playbooks)
    if (table === undefined) throw new Error('nothing is to be drawn')
    return table
  }
  for (const count of [12, 60, 400]) {
    const { svg, width } = heatTableSvg(tableOf(count))
    writeFileSync(join(folder, `heat-table-${count}.png`), await renderPng(svg, width))
  }
  const { svg, width } = heatTableSvg(tableOf(12))
  for (const [name, matrix] of Object.entries(simulations))
    writeFileSync(join(folder, `heat-table-12-${name}.png`), await renderPng(simulated(svg, matrix), width))
  const page = await browser.newPage()
  const png = readFileSync(join(folder, 'heat-table-12.png'), 'base64')
  // The colour behind Slack's messages in its dark theme.
  const style = 'display:inline-block;padding:1rem;background:#1a1d21'
  await page.setContent(`<div style="${style}"><img src="data:image/png;base64,${png}"></div>`)
  await page.locator('div').screenshot({ path: join(folder, 'heat-table-12-dark.png') })
  await page.close()
}
