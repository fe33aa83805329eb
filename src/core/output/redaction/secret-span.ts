/** Kind of a secret, as the mark that takes its place says it. */
export type SecretKind =
  | 'private key'
  | 'cloud key'
  | 'key'
  | 'token'
  | 'password'
  | 'password hash'
  | 'secret'
  | 'cookie'
  | 'by policy'

/** Part of a text that is hidden, from `start` to before `end`. Without a kind, no mark takes its place. */
export type SecretSpan = { start: number; end: number; kind?: SecretKind }

/** Marks in the place of secrets. */
export const anyMark = /\[redacted: [a-z ]{1,20}\]/g

export const getMark = (kind: SecretKind) => `[redacted: ${kind}]`

/** Puts marks in the place of spans; where spans overlap or touch, the first one's mark stands for all. */
export function hideSpans(text: string, spans: readonly SecretSpan[]): string {
  let hidden = ''
  let end = 0
  for (const span of mergeSpans(spans)) {
    hidden += text.slice(end, span.start) + (span.kind === undefined ? '' : getMark(span.kind))
    end = span.end
  }
  return hidden + text.slice(end)
}

function mergeSpans(spans: readonly SecretSpan[]): SecretSpan[] {
  const merged: SecretSpan[] = []
  // Of two that begin together, the longer one says best what it is.
  for (const span of spans.toSorted((one, other) => one.start - other.start || other.end - one.end)) {
    const last = merged.at(-1)
    if (last === undefined || span.start >= last.end) merged.push({ ...span })
    else if (span.end > last.end) last.end = span.end
  }
  return merged
}
