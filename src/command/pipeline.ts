import { parseError } from './misunderstood.ts'
import type { ParseError } from './parsed-shell-command.ts'
import { pipe, type Token, type Word } from './token.ts'

/** Maximum number of stages in a pipeline. */
const maxStages = 8

/** Splits tokens at their pipes. No tokens result in no stages: the command asks for an interactive session. */
export function toStages(tokens: readonly Token[]): readonly (readonly Word[])[] | ParseError {
  if (tokens.length === 0) return []
  const stages: Word[][] = [[]]
  for (const token of tokens) {
    if (token === pipe) stages.push([])
    else stages.at(-1)?.push(token)
  }
  if (stages.length > maxStages) {
    return parseError('too-many-stages', `A pipeline has at most ${maxStages} tools; this one has ${stages.length}.`)
  }
  if (stages.some((stage) => stage.length === 0)) {
    return parseError('empty-stage', 'A "|" has no tool on one side. Add one, or remove the "|".')
  }
  return stages
}
