import type { PageGrant } from '#core/messages/run-page'
import { toRecord } from '#core/util/json'
import { mountPageRoutes, type PageRoute, type PageRoutesOptions } from '#src/web/page-routes'
import type { RunLinks } from '#src/web/run-page/links'

type Place = { segment: number; number: number }

export type ReplayPageOptions = PageRoutesOptions & {
  links: Pick<RunLinks, 'visitOf'>
  replays: {
    look: (visit: PageGrant) => Promise<object>
    part: (visit: PageGrant, place: Place) => Promise<object>
    text: (visit: PageGrant) => Promise<object>
  }
}

/** Maximum size of a request's body. */
const maxBodyBytes = 2_000

const expired = { refused: 'This link has expired or is incomplete. Get another one with: replay ID.' }

/** Mounts `/t/replay/ID`: the page has no data until it has sent its link's token. */
export function mountReplayPages(options: ReplayPageOptions): void {
  const { links, replays } = options
  const call = (
    name: string,
    handle: (visit: PageGrant, body: Record<string, unknown>) => Promise<object>,
  ): PageRoute => ({
    ...{ kind: 'call', path: `/t/replay/${name}`, maxBodyBytes },
    failure: 'Something went wrong on our side. Try again.',
    async handle(body) {
      const given = toRecord(body)
      const { id, token } = given
      const visit = await links.visitOf(id, token)
      return { body: visit === undefined ? expired : await handle(visit, given) }
    },
  })
  mountPageRoutes(options, [
    { kind: 'nonce-file', path: '/t/replay/', file: pageFile('replay.html') },
    ...['replay.js', 'player.js', 'to-asciicast.js', 'replay.css'].map(
      (name): PageRoute => ({ kind: 'file', path: `/t/${name}`, file: pageFile(name) }),
    ),
    call('look', (visit) => replays.look(visit)),
    call('part', async (visit, { segment, number }) =>
      isNumber(segment) && isNumber(number) ? replays.part(visit, { segment, number }) : expired,
    ),
    call('text', (visit) => replays.text(visit)),
  ])
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function pageFile(name: string): URL {
  return new URL(`page/${name}`, import.meta.url)
}
