import type { Insight, ToolOutput } from '#core/request/insight'
import type { Catalogue } from '#core/request/tool'
import type { End, Run } from '#core/runs/run'
import type { StoredOutput } from './transcript-state.ts'

/** Maximum line length of an output that is interpreted: no tool's normal output has longer lines, except for JSON. */
const maxLineChars = 4_000

/**
 * Interprets a run's output. Returns undefined where the tool has no interpreter, and for everything that isn't the
 * whole output of one tool: output that was cut, redacted in its middle or piped through filters may have another
 * meaning.
 */
export function interpretOutput(
  run: Run,
  end: End,
  { whole, tail: text }: Pick<StoredOutput, 'whole' | 'tail'>,
  catalogue: Catalogue,
): Insight | undefined {
  const [stage, ...more] = run.request.pipeline
  if (stage === undefined || more.length > 0 || !end.complete || !whole) return undefined
  if (!['completed', 'nothing-found', 'failed'].includes(end.reason)) return undefined
  return interpretText({ text, argv: stage.given, exit: end.exitCode, at: end.at }, catalogue)
}

/** Interprets the whole output of one tool, also of the node's own (`chroot /host TOOL`). */
export function interpretText(output: ToolOutput, catalogue: Catalogue): Insight | undefined {
  const { argv, text } = output
  const own = argv[0] === 'chroot' && argv[1] === '/host' ? argv.slice(2) : argv
  const insight = catalogue.tool(own[0] ?? '')?.insight
  if (insight === undefined || (!/^\s*[[{]/.test(text) && hasLongLine(text))) return undefined
  return insight({ ...output, argv: own })
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
