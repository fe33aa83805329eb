import { createHash } from 'node:crypto'
import { verified } from '#core/ports/store'
import type { Run } from '#core/runs/run'
import { type BrowserKey, claimLink } from '#core/terminal/terminal-session'
import { defined } from '#core/util/defined'
import { toRecord } from '#core/util/json'
import type { TerminalContext } from './context.ts'
import { toBrowserKey } from './proof.ts'

/**
 * Answer to a browser that uses a link: it may connect from now on, or why it may not. `passkey`: WebAuthn options; the
 * link isn't used up, and the browser repeats the call with what the person's passkey signed.
 */
export type ClaimAnswer = { claimed: true } | { refused: string } | { passkey: object }

const incomplete = 'This link is incomplete. Press “Open” under the session in the chat for another one.'
const ended = 'This session has ended. Open another one with: shell TARGET'

type Claim = { id: string; hash: string; key: BrowserKey; answer: unknown }

/**
 * Binds a session to the browser that uses its link, once. The browser that was bound before is shut out, and closed where it is connected.
 * Where the session's set wants approvals confirmed with a passkey, the person's own passkey has to sign the use of the link by this browser.
 */
export async function claim(context: TerminalContext, body: unknown): Promise<ClaimAnswer> {
  const asked = parseClaim(body)
  if (asked === undefined) return refuse(context, incomplete)
  const { id, hash, key } = asked
  const found = verified(await context.store.run(id))
  const opening =
    found !== undefined && needsPasskey(context, found) ? await usePasskey(context, found, asked) : undefined
  if (opening !== undefined && 'refused' in opening) return refuse(context, opening.refused)
  if (opening !== undefined && 'options' in opening) return { passkey: opening.options }
  const now = context.now().toISOString()
  let refused: string | undefined
  const saved = await context.store.changeRun(id, (run) => {
    const bound = bind(run, asked, now)
    refused = 'refused' in bound ? bound.refused : undefined
    return 'refused' in bound ? undefined : bound
  })
  if (saved === undefined || saved === 'broken' || refused !== undefined) return refuse(context, refused ?? incomplete)
  const by = saved.request.by.id
  const browser = createHash('sha256').update(`${key.x}.${key.y}`).digest('hex').slice(0, 12)
  await context.audit('session-claimed', id, by, {
    ...{ link: hash.slice(0, 12), browser },
    ...defined({ passkey: opening?.id }),
  })
  await context.terminalBus.changed(id)
  return { claimed: true }
}

function parseClaim(body: unknown): Claim | undefined {
  const { id, token, key: given, answer } = toRecord(body)
  const key = toBrowserKey(given)
  if (typeof id !== 'string' || !/^[a-z2-7]{12}$/.test(id) || typeof token !== 'string' || key === undefined)
    return undefined
  return { id, hash: createHash('sha256').update(token).digest('hex'), key, answer }
}

/** Returns the run bound to the browser, or why it is not. Pure. */
function bind(run: Run, { hash, key }: Claim, now: string): Run | { refused: string } {
  const known = run.terminal?.link?.hash === hash || run.terminal?.spent.some((each) => each.hash === hash)
  // Without a link of its own, nobody learns whether a session exists or has ended.
  if (run.terminal === undefined || !known) return { refused: incomplete }
  if (run.state !== 'running') return { refused: ended }
  const claimed = claimLink(run.terminal, hash, key, now)
  return 'refused' in claimed ? { refused: claimed.message } : { ...run, terminal: claimed }
}

/** Returns true where an approval of this session has to be confirmed with a passkey, by the present policy or by the one of its request. */
function needsPasskey(context: Pick<TerminalContext, 'rules'>, { set, approval }: Run): boolean {
  const present = context.rules().policy.sets.find(({ name }) => name === set)?.approval
  return present?.confirm === 'passkey' || approval?.rule.confirm === 'passkey'
}

/** Returns the id of the passkey that signed; the options for the browser where nothing was signed yet; or a refusal. */
async function usePasskey(
  { passkeys, url, now }: Pick<TerminalContext, 'passkeys' | 'url' | 'now'>,
  run: Run,
  asked: Claim,
): Promise<{ id: string } | { options: object } | { refused: string }> {
  // A link that can't be used anyway is refused before a passkey is asked for.
  const bound = bind(run, asked, now().toISOString())
  if ('refused' in bound) return bound
  if (passkeys === undefined)
    return {
      refused:
        'This shell opens with a passkey only, but "confirm: { url }" is not set in retina.yaml. Tell the owner.',
    }
  const { by } = run.request
  const challenge = challengeOf(asked)
  if (asked.answer === undefined) {
    const options = await passkeys.openingOptions(by.id, challenge)
    if (options !== undefined) return { options }
    return {
      refused:
        'This shell opens with a passkey only, and you have not added one yet. Ask the owner of this bot for an invitation.',
    }
  }
  const id = await passkeys.openedBy(by.id, asked.answer, { challenge, origin: url.origin })
  return id === undefined ? { refused: `This was not signed by a passkey of ${by.name}. Try again.` } : { id }
}

/** Returns what the passkey signs: it is valid for one link, one session and one browser's key. */
function challengeOf({ id, hash, key }: Claim): Uint8Array {
  return createHash('sha256').update(`open\n${id}\n${hash}\n${key.x}.${key.y}`).digest()
}

function refuse({ metrics }: TerminalContext, refused: string): ClaimAnswer {
  metrics.refused('link')
  return { refused }
}
