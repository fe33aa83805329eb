import { afterAll, beforeAll } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { launchChromium } from '#dev/machine/chromium'
import { atEnd } from '#test/flow/app'
import { defaultSeconds } from '#test/flow/wait-for'

/** Property of the global object that the test environment sets (test/jest/environment.ts). */
const failed = Symbol.for('retina.failed')

/** Starts Debian's Chromium for the tests of one file. */
export function useBrowser(): () => Browser {
  let browser: Browser | undefined
  beforeAll(async () => {
    browser = await launchChromium()
    browser.on('context', (context) => context.setDefaultTimeout(defaultSeconds * 1_000))
  })
  afterAll(async () => browser?.close())
  return () => {
    if (browser === undefined) throw new Error('the browser has not started')
    return browser
  }
}

/**
 * Shares one page among the tests of one file, as a new page takes half a second of processor time. Each test gets it blank, with default
 * window size and colours; the page leaves the program before the program is stopped.
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
    atEnd(() => leaveProgram(page))
    return page
  }
}

/** Opens a page on the screen of a phone, with touch; closes it when the test ends. */
export async function openPhonePage(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true })
  atEnd(() => context.close())
  return context.newPage()
}

/** Like `usePage`, with an authenticator that has verified its user and has no passkey yet. */
export function usePageWithAuthenticator(browser: () => Browser): () => Promise<Page> {
  let shared: Promise<Awaited<ReturnType<typeof withAuthenticator>>> | undefined
  afterAll(async () => (await shared)?.page.close())
  return async () => {
    if (hasFailed()) {
      await (await shared)?.page.close()
      shared = undefined
    }
    shared ??= withAuthenticator(browser())
    const { page, forget } = await shared
    await forget()
    atEnd(() => leaveProgram(page))
    return page
  }
}

/** Returns true if the previous test failed: it may still use the page. */
function hasFailed(): boolean {
  return (globalThis as { [failed]?: boolean })[failed] === true
}

async function leaveProgram(page: Page | undefined): Promise<void> {
  await page?.goto('about:blank')
}

/** Opens a page with an authenticator that has verified its user; closes it when the test ends. */
export async function openPageWithAuthenticator(browser: Browser): Promise<Page> {
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
