import type { Message } from '#core/messages/message'

type FanOut = Extract<Message, { kind: 'fan-out' }>

/**
 * Returns the exit code for a final message; undefined for one that will be replaced. Codes: the tool's own, or 1 where it has none; 4 refused,
 * denied or expired; 2 misunderstood. Of a command on many targets: 0 where it has completed on all of them, else the code that all failures have
 * in common, else 1. Of a triage: 1 where a check failed, else 0.
 */
export function exitCode(message: Message): number | undefined {
  switch (message.kind) {
    case 'queued':
    case 'starting':
    case 'running':
    case 'glass-broken':
    case 'standing-use':
    // The request's own message has the outcome.
    case 'decided':
      return undefined
    case 'asking':
      return message.state === 'pending' || message.state === 'approved' ? undefined : 4
    case 'ended':
      return message.end.exitCode ?? 1
    case 'fan-out':
      return message.ended < message.total ? undefined : fanOutCode(message)
    case 'triage':
      return message.ended < message.total ? undefined : message.counts.fail > 0 ? 1 : 0
    case 'refused':
      return 4
    case 'misunderstood':
      return 2
    case 'trouble':
      return 1
    default:
      return 0
  }
}

function fanOutCode({ results }: FanOut): number {
  const codes = new Set(results.map(({ reason, exitCode: code }) => (reason === 'completed' ? 0 : code || 1)))
  codes.delete(0)
  const [code] = codes
  if (code === undefined) return results.length === 0 ? 1 : 0
  return codes.size === 1 ? code : 1
}
