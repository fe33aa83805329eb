import type { Catalogue } from '#core/request/tool'
import type { ParseError } from './command.ts'
import { commandText, corrected, nearest, parseError, quoted } from './misunderstood.ts'
import type { Token, Word } from './token.ts'

/** Existing tools whose names are similar to those of the catalogue: they aren't misspellings. */
const otherTools = new Set(
  `arp arping awk bridge ctr date docker dog echo env fping host hping hping3 httping id less nl od pgrep pstree rg route
  sed seq ssh stat strace tac tcping tee test tracepath uname uptime watch which who`.split(/\s+/),
)

/** Returns the first error in the argv of the stages; `from` is the index of the first stage's first token. */
export function checkStages(
  tokens: readonly Token[],
  from: number,
  stages: readonly (readonly Word[])[],
  catalogue: Catalogue,
): ParseError | undefined {
  let at = from
  for (const [number, stage] of stages.entries()) {
    const problem = checkTool(tokens, at, stage, catalogue) ?? checkWords(tokens, stage, number > 0)
    if (problem !== undefined) return problem
    at += stage.length + 1
  }
  return undefined
}

function checkTool(
  tokens: readonly Token[],
  at: number,
  stage: readonly Word[],
  catalogue: Catalogue,
): ParseError | undefined {
  const name = stage[0]?.text ?? ''
  if (catalogue.tool(name) !== undefined) return undefined
  if (!/^[A-Za-z0-9_/.][\w.+/-]{0,99}$/.test(name)) {
    return parseError('bad-tool', `${quoted(name)} is not a valid tool name.`)
  }
  if (name === 'sudo') {
    const message = 'There is no sudo, and no need for it: a tool gets the permissions that it needs.'
    return parseError('unknown-tool', message, corrected(tokens, at, ''))
  }
  const base = name.slice(name.lastIndexOf('/') + 1)
  if (base !== name && catalogue.tool(base) !== undefined) {
    return parseError('unknown-tool', `Write ${base} without a path.`, corrected(tokens, at, base))
  }
  const similar = otherTools.has(name) ? undefined : nearest(name, catalogue.names)
  if (similar === undefined) return undefined
  return parseError(
    'unknown-tool',
    `There is no tool ${quoted(name)}; the closest is ${similar}.`,
    corrected(tokens, at, similar),
  )
}

function checkWords(tokens: readonly Token[], stage: readonly Word[], piped: boolean): ParseError | undefined {
  const glob = stage.find(isGlob)
  if (glob !== undefined) {
    const message = `${quoted(glob.text)} would be expanded by a shell, and there is none here. In quotes it is literal.`
    return parseError('shell-syntax', message, commandText(tokens))
  }
  if (stage.some(({ ticked }, index) => ticked && (piped || index > 0))) {
    const message = 'Backticks inside the command would run a second command. Send one command at a time.'
    return parseError('shell-syntax', message)
  }
  return undefined
}

/** Returns true for a word that a shell would expand to file names or several words. URLs and IPv6 addresses don't count. */
function isGlob({ bare }: Word): boolean {
  if (bare.includes('://') || /^\[[0-9A-Fa-f:.%]+\](:\d+)?$/.test(bare)) return false
  return /[*?[]/.test(bare) || (bare.match(/\{[^{}]*\}/g) ?? []).some((group) => /,|\.\./.test(group))
}
