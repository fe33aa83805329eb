import type { Catalogue } from '#core/request/tool'
import { checkStages } from './check-stages.ts'
import type { TypedCommand } from './command-text-and-tokens.ts'
import { toShellFlags } from './flags.ts'
import { isParseError } from './misunderstood.ts'
import { removePrefix } from './parse.ts'
import type { ParseError, ShellCommand, TypedTarget } from './parsed-shell-command.ts'
import { toStages } from './pipeline.ts'

/**
 * Parses a tool's command that was typed without a target, for a target that is known otherwise. The target is never
 * part of the text that is parsed: no name in it can become a flag or a tool.
 */
export function parseOnTarget(
  { tokens: all }: Pick<TypedCommand, 'tokens'>,
  target: TypedTarget,
  catalogue: Catalogue,
): ShellCommand | ParseError {
  if (isParseError(all)) return all
  const tokens = removePrefix(all)
  const flags = toShellFlags(new Map())
  if (isParseError(flags)) return flags
  const stages = toStages(tokens)
  if (isParseError(stages)) return stages
  const problem = checkStages(tokens, 0, stages, catalogue, { on: target.kind, otherImage: false })
  if (problem !== undefined) return problem
  const pipeline = stages.map((stage) => stage.map(({ text }) => text))
  return { verb: 'shell', target, flags, pipeline, dryRun: false }
}
