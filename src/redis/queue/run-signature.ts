import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Run } from '#core/runs/run'
import { canonicalJson } from '#core/util/canonical-json'

/**
 * Signs and verifies runs that go through Redis, so that an attacker with write access to Redis can't make a worker run
 * something.
 */
export type RunSigner = {
  signRun: (run: Run) => Run
  /** Returns true unless exactly this run, under this id, was signed with this key. */
  hasInvalidSignature: (run: Run) => boolean
}

/**
 * Signs with HMAC-SHA-256 and a key that isn't stored in Redis. The signature covers everything that decides what is
 * run, for whom, where the result is delivered, and who approved it; it omits only what workers change during a run.
 * Without a key nothing is signed or verified.
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
