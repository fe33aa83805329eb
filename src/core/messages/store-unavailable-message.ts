import type { Message } from './message.ts'

/** Returns true for Redis' out-of-memory error, also where a library wraps it. */
export function isStoreFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  // A transaction's own error says only that it was aborted; the causes are in `previousErrors`.
  const { previousErrors = [] } = error as { previousErrors?: readonly unknown[] }
  return /\bOOM\b/.test(error.message) || previousErrors.some(isStoreFull)
}

/** Returns the reply to a command that was not accepted, or was abandoned because the store is full. */
export function notAcceptedMessage(reason: NotAccepted, contact?: string): Extract<Message, { kind: 'trouble' }> {
  if (reason === 'away')
    return {
      kind: 'trouble',
      message: 'My store (Redis) is not responding. Nothing was run. Try again soon.',
    }
  const contactText = contact ?? 'the owner of this bot'
  return {
    kind: 'trouble',
    message: `My store (Redis) is full. Nothing was run. Tell ${contactText}, then try again.`,
  }
}

/** Why a command was not accepted: Redis didn't answer in time (`away`), or has no free memory (`full`). */
export type NotAccepted = 'away' | 'full'
