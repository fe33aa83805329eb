import type { PageGrant } from '#core/messages/run-page'
import { runPage } from '#src/bot/handlers/run-page'
import type { openContexts } from './contexts.ts'

/** Gives contexts run pages whose links have the numbers of their grants; `load` loads the page of a grant. */
export function openRunPages(all: ReturnType<typeof openContexts>) {
  const grants: PageGrant[] = []
  all.bot.pages = { link: async (grant) => `https://bot.example/${grants.push(grant)}` }
  const load = runPage({
    ...all.bot,
    picture: async () => new Uint8Array([1]),
    heatTable: async () => new Uint8Array([2]),
    trail: async (ids) => all.audit.records.filter(({ run }) => ids.has(run)),
  })
  /** Has a person ask for a link, and returns what it grants. */
  const grant = async (user: string, text: string): Promise<PageGrant> => {
    await all.say(user, text)
    const last = grants.at(-1)
    if (last === undefined) throw new Error('no link was given')
    return last
  }
  return { grants, load, grant }
}
