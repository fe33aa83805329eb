import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** What axe finds wrong about a page, against WCAG 2.2 AA; run as the browser's own tools would, past the page's policy. */
export function mistakesOf(page: Page): Promise<string[]> {
  return page.evaluate(`(async () => {
    ${axe}
    const { violations } = await globalThis.axe.run(document, { runOnly: ${JSON.stringify(rules)} })
    return violations.map(({ id, nodes }) => id + ': ' + nodes[0].html)
  })()`)
}
