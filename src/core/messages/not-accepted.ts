import type { Message } from './message.ts'

/** True for Redis' out-of-memory error, also where a library wraps it. */
export function isStoreFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  // A transaction says itself only that something in it failed.
  const { previousErrors = [] } = error as { previousErrors?: readonly unknown[] }
  return /\bOOM\b/.test(error.message) || previousErrors.some(isStoreFull)
}

/** Message for a person whose command was not accepted, or was abandoned because the store is full. */
export function notAcceptedMessage(reason: NotAccepted, contact?: string): Extract<Message, { kind: 'trouble' }> {
  if (reason === 'away')
    return {
      kind: 'trouble',
      message: 'My store (Redis) does not answer just now. Nothing was run. Try it again soon.',
    }
  const contactText = contact ?? 'the owner of this bot'
  return {
    kind: 'trouble',
    message: `My store (Redis) is full. Nothing was run. Tell ${contactText}, then try it again.`,
  }
}

/** Why a command was not accepted: Redis didn't take it in time, or has no room. */
export type NotAccepted = 'away' | 'full'
