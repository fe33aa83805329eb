import { createHash } from 'node:crypto'
import { claimLink } from '#core/terminal/terminal-session'
import type { TerminalContext } from './context.ts'
import { toBrowserKey } from './proof.ts'

/** Answer to a browser that uses a link: it may connect from now on, or why it may not. */
export type ClaimAnswer = { claimed: true } | { refused: string }

const incomplete = 'This link is incomplete. Press “Open” under the session in the chat for another one.'
const ended = 'This session has ended. Open another one with: shell TARGET'

/**
 * Binds a session to the browser that uses its link, once. The browser that was bound before is shut out, and closed where it is connected.
 */
export async function claim(context: TerminalContext, body: unknown): Promise<ClaimAnswer> {
  const { id, token, key: given } = (body ?? {}) as Record<string, unknown>
  const key = toBrowserKey(given)
  if (typeof id !== 'string' || !/^[a-z2-7]{12}$/.test(id) || typeof token !== 'string' || key === undefined)
    return refuse(context, incomplete)
  const hash = createHash('sha256').update(token).digest('hex')
  const now = context.now().toISOString()
  let refused: string | undefined
  const saved = await context.store.changeRun(id, (run) => {
    refused = undefined
    const known = run.terminal?.link?.hash === hash || run.terminal?.spent.some((each) => each.hash === hash)
    // Without a link of its own, nobody learns whether a session exists or has ended.
    if (run.terminal === undefined || !known) {
      refused = incomplete
      return undefined
    }
    if (run.state !== 'running') {
      refused = ended
      return undefined
    }
    const claimed = claimLink(run.terminal, hash, key, now)
    if ('refused' in claimed) {
      refused = claimed.message
      return undefined
    }
    return { ...run, terminal: claimed }
  })
  if (saved === undefined || saved === 'broken' || refused !== undefined) return refuse(context, refused ?? incomplete)
  const by = saved.request.by.id
  const browser = createHash('sha256').update(`${key.x}.${key.y}`).digest('hex').slice(0, 12)
  await context.audit('session-claimed', id, by, { link: hash.slice(0, 12), browser })
  await context.terminalBus.changed(id)
  return { claimed: true }
}

function refuse({ metrics }: TerminalContext, refused: string): ClaimAnswer {
  metrics.refused('link')
  return { refused }
}
