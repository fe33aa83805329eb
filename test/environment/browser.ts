import { afterAll, beforeAll } from '@jest/globals'
import { type Browser, chromium, type Page } from 'playwright-core'
import { installPackages } from '#dev/machine/debian'
import { atEnd } from '#test/flow/app'

/** Set by the test environment (test/jest/environment.ts). */
const failed = Symbol.for('retina.failed')

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

/**
 * One page for the tests of one file, as a new one takes half a second of processor. Each test gets it empty, with the window and
 * colours of a new one; it has left the program before that is stopped.
 */
export function usePage(browser: () => Browser): () => Promise<Page> {
  let page: Page | undefined
  afterAll(async () => page?.close())
  return async () => {
    if (hasFailed()) {
      await page?.close()
      page = undefined
    }
    page ??= await browser().newPage()
    await page.setViewportSize({ width: 1_280, height: 720 })
    await page.emulateMedia({ colorScheme: 'light' })
    atEnd(() => leave(page))
    return page
  }
}

/** One page as `usePage`, of a person whose browser has an authenticator that knows their finger, and no passkey yet. */
export function usePersonsPage(browser: () => Browser): () => Promise<Page> {
  let made: Promise<Awaited<ReturnType<typeof withAuthenticator>>> | undefined
  afterAll(async () => (await made)?.page.close())
  return async () => {
    if (hasFailed()) {
      await (await made)?.page.close()
      made = undefined
    }
    made ??= withAuthenticator(browser())
    const { page, forget } = await made
    await forget()
    atEnd(() => leave(page))
    return page
  }
}

/** True where the test before failed: it may still be busy with the page. */
function hasFailed(): boolean {
  return (globalThis as { [failed]?: boolean })[failed] === true
}

async function leave(page: Page | undefined): Promise<void> {
  await page?.goto('about:blank')
}

/** A page of a person whose browser has an authenticator that knows their finger. */
export async function personsPage(browser: Browser): Promise<Page> {
  const { page } = await withAuthenticator(browser)
  atEnd(() => page.close())
  return page
}

async function withAuthenticator(browser: Browser): Promise<{ page: Page; forget: () => Promise<unknown> }> {
  const page = await browser.newPage()
  const session = await page.context().newCDPSession(page)
  await session.send('WebAuthn.enable')
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return { page, forget: () => session.send('WebAuthn.clearCredentials', { authenticatorId }) }
}
