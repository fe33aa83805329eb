import type { Page } from 'playwright-core'

/** What a page has of a session: all of it by the page itself, also before it was loaded again. */
export type PageRecord = {
  /** Number of bytes that were handed to the terminal, and the SHA-256 over them in order of their numbers. */
  total: number
  sha256: string
  text: string
  /** What the person typed, as far as the page took it. */
  accepted: string
  /** The runner's own account, which came with the session's end. */
  runner: { total: number; sha256: string; exitCode: string }
}

/**
 * Module in place of the page's connection.js: notes, in the tab's own storage, each byte that is handed to the terminal, with its number, and each
 * byte that is typed. Nothing else is changed.
 */
const noting = `
import { connect as open } from '/t/connection-itself.js'
const toText = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
export function connect(options) {
  const { output } = options.on
  const connection = open({
    ...options,
    on: {
      ...options.on,
      output(bytes, upTo, acknowledge) {
        sessionStorage.setItem('handed:' + (upTo - bytes.length) + ':' + bytes.length, btoa(toText(bytes)))
        globalThis.handedUpTo = upTo
        output(bytes, upTo, acknowledge)
      },
    },
  })
  const { type } = connection
  connection.type = (bytes) => {
    sessionStorage.setItem('accepted', (sessionStorage.getItem('accepted') ?? '') + toText(bytes))
    type(bytes)
  }
  return connection
}
`

/** Makes a page note what it hands to its terminal. */
export async function noteWhatIsShown(page: Page): Promise<void> {
  await page.route('**/t/connection.js', (route) =>
    route.fulfill({ contentType: 'text/javascript; charset=utf-8', body: noting }),
  )
  await page.route('**/t/connection-itself.js', async (route) => {
    const answer = await route.fetch({ url: route.request().url().replace('connection-itself', 'connection') })
    await route.fulfill({ response: answer })
  })
}

/** Computes in the page what it was handed, and compares bytes that came twice. */
export async function readPageRecord(page: Page): Promise<PageRecord> {
  return (await page.evaluate(`(async () => {
    const pieces = Object.keys(sessionStorage).filter((key) => key.startsWith('handed:')).map((key) => {
      const [, from] = key.split(':').map(Number)
      return { from, bytes: Uint8Array.from(atob(sessionStorage.getItem(key)), (char) => char.charCodeAt(0)) }
    }).sort((one, other) => one.from - other.from)
    const total = Math.max(0, ...pieces.map(({ from, bytes }) => from + bytes.length))
    const all = new Uint8Array(total)
    let next = 0
    for (const { from, bytes } of pieces) {
      if (from > next) throw new Error('no byte was handed over from ' + next + ' to ' + from)
      for (let at = from; at < Math.min(next, from + bytes.length); at += 1)
        if (all[at] !== bytes[at - from]) throw new Error('byte ' + at + ' came twice, and differs')
      all.set(bytes, from)
      next = Math.max(next, from + bytes.length)
    }
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', all))
    const { sha256, exitCode, ...data } = document.documentElement.dataset
    return {
      total,
      sha256: Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join(''),
      text: new TextDecoder().decode(all),
      accepted: sessionStorage.getItem('accepted') ?? '',
      runner: { total: Number(data.total), sha256, exitCode },
    }
  })()`)) as PageRecord
}

/** Returns the number of the next byte that the page's terminal wants; 0 while a page is loaded. */
export const handedUpTo = (page: Page): Promise<number> =>
  page.evaluate('globalThis.handedUpTo ?? 0').then(Number, () => 0)
