import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/**
 * Resolves with the violations of WCAG 2.2 AA that axe finds on a page. axe runs as the browser's developer tools would, past the page's
 * CSP.
 */
export function accessibilityViolations(page: Page): Promise<string[]> {
  return page.evaluate(`(async () => {
    ${axe}
    const { violations } = await globalThis.axe.run(document, { runOnly: ${JSON.stringify(rules)} })
    return violations.map(({ id, nodes }) => id + ': ' + nodes[0].html)
  })()`)
}
