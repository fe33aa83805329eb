import { afterAll, beforeAll } from '@jest/globals'
import { type Browser, chromium } from 'playwright-core'
import { installPackages } from '#deploy/machine/debian'

/** Debian's Chromium for the tests of one file. */
export function useBrowser(): () => Browser {
  let browser: Browser | undefined
  beforeAll(async () => {
    await installPackages(['chromium'])
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'],
    })
  }, 300_000)
  afterAll(async () => browser?.close())
  return () => {
    if (browser === undefined) throw new Error('the browser has not started')
    return browser
  }
}
