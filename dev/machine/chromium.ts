import { type Browser, chromium } from 'playwright-core'
import { installPackages } from './debian.ts'

/** Starts Debian's Chromium, without a screen. */
export async function launchChromium(): Promise<Browser> {
  await installPackages(['chromium'])
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'],
  })
}
