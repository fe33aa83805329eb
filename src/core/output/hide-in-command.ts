import { shellQuote } from '#core/util/quote'
import { findSecrets, hideSecrets } from './redact.ts'
import { hideSpans } from './redaction/secret-span.ts'

/** Returns the stages of a command with marks in the place of the secrets in their arguments. */
export function hideInPipeline(pipeline: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const words = pipeline.map((argv) => argv.map(shellQuote))
  const spans = findSecrets(words.map((argv) => argv.join(' ')).join(' | '))
  if (spans.length === 0) return pipeline
  let start = 0
  return pipeline.map((argv, stage) => {
    const hidden = argv.map((argument, at) => {
      const quoted = words[stage]?.[at] ?? ''
      const end = start + quoted.length
      const own = spans.flatMap((span) =>
        span.start < end && span.end > start
          ? [{ ...span, start: Math.max(span.start - start, 0), end: Math.min(span.end, end) - start }]
          : [],
      )
      start = end + 1
      if (own.length === 0) return argument
      const text = hideSpans(quoted, own)
      return quoted === argument ? text : text.replace(/^'/, '').replace(/'$/, '')
    })
    // The sign between two stages, with its spaces.
    start += 2
    return hidden
  })
}

/** Returns a command as it was typed, with marks in the place of secrets. */
export function hideInTyped<T extends { text: string; plain?: string }>(typed: T): T {
  const { text, plain } = typed
  return { ...typed, text: hideSecrets(text), ...(plain === undefined ? {} : { plain: hideSecrets(plain) }) }
}
