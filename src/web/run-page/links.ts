import { createHash, randomBytes } from 'node:crypto'
import type { PageGrant } from '#core/messages/run-page'
import type { Signer } from '#core/ports/signing'
import type { Store } from '#core/ports/store'

/** Seconds for which a link opens its page. */
const linkSeconds = 900

export type RunLinks = {
  /** Returns the address of a run's page, for this person, valid for 15 minutes. */
  link: (visit: PageGrant) => Promise<string>
  /** Returns the grant of a link; undefined for one that has expired or was never issued. */
  visitOf: (run: string, token: string) => Promise<PageGrant | undefined>
}

export function runLinks({
  store,
  signer,
  url,
}: {
  store: Pick<Store, 'set' | 'get'>
  signer: Signer
  url: URL
}): RunLinks {
  const keyOf = (token: string) => `page:${createHash('sha256').update(token).digest('hex')}`
  return {
    async link(visit) {
      const token = randomBytes(32).toString('base64url')
      const key = keyOf(token)
      await store.set(key, signer.sign(key, JSON.stringify(visit)), linkSeconds)
      // The part after `#` is never sent to a server, so it appears in no log.
      return `${new URL(`/runs/${visit.run}`, url)}#${token}`
    },
    async visitOf(run, token) {
      const text = signer.verify(keyOf(token), await store.get(keyOf(token)))
      const visit = text === undefined ? undefined : (JSON.parse(text) as PageGrant)
      return visit?.run === run ? visit : undefined
    },
  }
}
