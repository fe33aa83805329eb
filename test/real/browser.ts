import { afterAll, beforeAll } from '@jest/globals'
import { type Browser, chromium, type Page } from 'playwright-core'
import { installPackages } from '#deploy/machine/debian'
import { atEnd } from '#test/flow/house'

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

/** A page of a person whose browser has an authenticator that knows their finger. */
export async function personsPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage()
  atEnd(() => page.close())
  const session = await page.context().newCDPSession(page)
  await session.send('WebAuthn.enable')
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return page
}
