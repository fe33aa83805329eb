import type { ParseError } from './command.ts'
import { parseError } from './misunderstood.ts'
import { pipe, type Token, type Word } from './token.ts'

/** Stages of a pipeline, at the most. */
const maxStages = 8

/** Cuts tokens at their pipes. No tokens are no stages: a session. */
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
    return parseError('empty-stage', 'There is no tool on one side of a "|". Put one there, or leave the "|" out.')
  }
  return stages
}
