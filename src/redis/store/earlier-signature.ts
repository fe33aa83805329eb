import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Run } from '#core/runs/run'
import { canonicalJson } from '#core/util/canonical-json'

/**
 * Returns true for a run that version 0.1 signed: its signature (`seal`) is made with the installation's secret itself,
 * and covers everything that decides what is run, but not the run's state and ending.
 */
export function hasEarlierSignature(secret: string | undefined, run: Run & { seal?: string }): boolean {
  if (secret === undefined) return true
  const { id, request, spec, set, grant, message, queuedAt, approval, under, fanOut, seal } = run
  const { cards: _cards, ...decided } = approval ?? { cards: [] }
  const signed = { id, request, spec, set, grant, message, queuedAt, approval: decided, under, fanOut }
  const [given, right] = [
    Buffer.from(seal ?? '', 'base64url'),
    createHmac('sha256', secret).update(canonicalJson(signed)).digest(),
  ]
  return given.length === right.length && timingSafeEqual(given, right)
}
