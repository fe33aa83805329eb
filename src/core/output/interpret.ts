import type { Insight } from '#core/request/insight'
import type { Catalogue } from '#core/request/tool'
import type { End, Run } from '#core/runs/run'
import type { StoredOutput } from './stored-output.ts'

/** Characters of a line beyond which an output isn't one that a person's command gives: it is not read, as what is too large to be read whole. */
const maxLineChars = 4_000

/**
 * What a run's output means. Undefined where its tool can't tell, and for everything that isn't one tool's whole output: what was
 * cut, redacted in its middle or sent through filters may say something else than the tool did.
 */
export function interpretOutput(
  run: Run,
  end: End,
  { whole, tail: text }: Pick<StoredOutput, 'whole' | 'tail'>,
  catalogue: Catalogue,
): Insight | undefined {
  const [stage, ...more] = run.request.pipeline
  if (stage === undefined || more.length > 0 || !end.complete) return undefined
  if (end.reason !== 'completed' && end.reason !== 'failed') return undefined
  const argv = stage.given[0] === 'chroot' && stage.given[1] === '/host' ? stage.given.slice(2) : stage.given
  const insight = catalogue.tool(argv[0] ?? '')?.insight
  if (insight === undefined || !whole || hasLongLine(text)) return undefined
  return insight({ text, argv, at: end.at })
}

function hasLongLine(text: string): boolean {
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start)
    const lineEnd = end === -1 ? text.length : end
    if (lineEnd - start > maxLineChars) return true
    start = lineEnd + 1
  }
  return false
}
