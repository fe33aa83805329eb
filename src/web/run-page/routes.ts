import type { PageGrant, RunPage } from '#core/messages/run-page'
import { toRecord } from '#core/util/json'
import { mountPageRoutes, type PageRoutesOptions } from '#src/web/page-routes'
import type { RunLinks } from './links.ts'

export type PageOptions = PageRoutesOptions & {
  links: RunLinks
  /** Loads what the page shows to this person now, or returns why it is refused. */
  page: (visit: PageGrant) => Promise<RunPage | { refused: string }>
}

/** Maximum size of a request's body. */
const maxBodyBytes = 2_000

const powers = { pictures: true }

/** Mounts `/runs/ID`: the page has no data until it has sent its link's token. */
export function mountRunPages(options: PageOptions): void {
  mountPageRoutes(options, [
    { kind: 'file', path: '/runs/', file: new URL('page/run.html', import.meta.url), powers },
    { kind: 'file', path: '/runs/page.js', file: new URL('page/run.js', import.meta.url), powers },
    { kind: 'file', path: '/runs/page.css', file: new URL('page/run.css', import.meta.url), powers },
    {
      kind: 'call',
      path: '/runs/look',
      maxBodyBytes,
      failure: 'Something went wrong on our side. Ask for another link.',
      handle: async (body) => ({ body: await loadPage(options, body) }),
    },
  ])
}

async function loadPage({ links, page }: PageOptions, body: unknown): Promise<RunPage | { refused: string }> {
  const { run, token } = toRecord(body)
  const visit = await links.visitOf(run, token)
  return visit === undefined
    ? { refused: 'This link has expired or is incomplete. Get another one with: link ID.' }
    : page(visit)
}
