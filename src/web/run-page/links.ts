import { createHash, randomBytes } from 'node:crypto'
import type { PageGrant } from '#core/messages/run-page'
import { type Values, verified } from '#core/ports/store'

/** Seconds for which a link opens its page. */
const linkSeconds = 900

export type RunLinks = {
  /** Returns the address of a run's page, for this person, valid for 15 minutes. */
  link: (visit: PageGrant) => Promise<string>
  /** Returns the grant of a link; undefined for one that has expired, was never issued, or isn't of two texts. */
  visitOf: (run: unknown, token: unknown) => Promise<PageGrant | undefined>
}

/** `folder`: path of the pages, `/runs/` if left out. */
export function runLinks({
  store,
  url,
  folder = '/runs/',
}: {
  store: Pick<Values, 'setValue' | 'getValue'>
  url: URL
  folder?: string
}): RunLinks {
  const keyOf = (token: string) => createHash('sha256').update(token).digest('hex')
  return {
    async link(visit) {
      const token = randomBytes(32).toString('base64url')
      await store.setValue('page-link', keyOf(token), visit, linkSeconds)
      // The part after `#` is never sent to a server, so it appears in no log.
      return `${new URL(`${folder}${visit.run}`, url)}#${token}`
    },
    async visitOf(run, token) {
      if (typeof token !== 'string') return undefined
      const visit = verified(await store.getValue('page-link', keyOf(token)))
      return visit?.run === run ? visit : undefined
    },
  }
}
