import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Run } from '#core/runs/run'
import { canonicalJson } from '#core/util/canonical-json'

/** Signs what goes through Redis, so that who can write to Redis can't make a worker run something. */
export type RunSigner = {
  signRun: (run: Run) => Run
  /** True for a run that wasn't sealed with this key as it stands, under this id. */
  hasInvalidSignature: (run: Run) => boolean
}

/**
 * HMAC-SHA-256 with a key that Redis doesn't hold, over everything that decides what is run, for whom, where it is told,
 * and who approved it. Left out is only what workers change as it goes on. Without a key nothing is sealed or checked.
 */
export function createRunSigner(key: string | undefined): RunSigner {
  if (key === undefined) return { signRun: (run) => run, hasInvalidSignature: () => false }
  const sign = (run: Run) =>
    createHmac('sha256', key)
      .update(canonicalJson(selectSignedParts(run)))
      .digest()
  return {
    signRun: (run) => ({ ...run, seal: sign(run).toString('base64url') }),
    hasInvalidSignature(run) {
      const given = Buffer.from(run.seal ?? '', 'base64url')
      const right = sign(run)
      return given.length !== right.length || !timingSafeEqual(given, right)
    },
  }
}

function selectSignedParts(run: Run) {
  const { id, request, spec, set, grant, message, queuedAt, approval, under, fanOut } = run
  const { cards: _cards, ...decided } = approval ?? { cards: [] }
  return { id, request, spec, set, grant, message, queuedAt, approval: decided, under, fanOut }
}
