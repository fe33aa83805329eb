import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Run } from '#core/runs/run'
import { canonicalJson } from '#core/util/canonical-json'
import { type Secrets, secretsOf } from '#src/redis/derived-key'

/**
 * Returns true for a run that version 0.1 signed: its signature (`seal`) is made with the installation's secret itself,
 * and covers everything that decides what is run, but not the run's state and ending.
 */
export function hasEarlierSignature(secrets: Secrets, run: Run & { seal?: string }): boolean {
  const all = secretsOf(secrets)
  if (all.length === 0) return true
  const { id, request, spec, set, grant, message, queuedAt, approval, under, fanOut, seal } = run
  const { cards: _cards, ...decided } = approval ?? { cards: [] }
  const signed = { id, request, spec, set, grant, message, queuedAt, approval: decided, under, fanOut }
  const given = Buffer.from(seal ?? '', 'base64url')
  return all.some((secret) => {
    const right = createHmac('sha256', secret).update(canonicalJson(signed)).digest()
    return given.length === right.length && timingSafeEqual(given, right)
  })
}
