import { isOwnFile, isUnderHost } from '#core/request/is-file-of-target'
import type { Catalogue } from '#core/request/tool'
import { shellQuote } from '#core/util/quote'
import { type Equivalent, findEquivalent } from './equivalents.ts'
import { commandText, corrected, nearest, parseError, quoted } from './misunderstood.ts'
import type { ParseError } from './parsed-shell-command.ts'
import { pipe, type Token, type Word } from './token.ts'

/** Existing programs whose names are similar to those of the catalogue: they aren't misspellings. */
const otherPrograms = new Set(
  `arpwatch atop ctr dog docker fping hping hping3 htop httping iotop ipcalc nerdctl ntpq
  podman rg rpcinfo showmount ssh strace tcping`.split(/\s+/),
)

/** Where the stages run: the target's kind, and whether another image was asked for, of which nothing is known. */
type Place = { on: 'node' | 'pod'; otherImage: boolean }

/** Returns the first error in the argv of the stages; `from` is the index of the first stage's first token. */
export function checkStages(
  tokens: readonly Token[],
  from: number,
  stages: readonly (readonly Word[])[],
  catalogue: Catalogue,
  place: Place,
): ParseError | undefined {
  let at = from
  for (const [number, stage] of stages.entries()) {
    const problem = checkTool(tokens, at, stage, catalogue, place) ?? checkWords(tokens, stage, number > 0)
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
  place: Place,
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
  const equivalent = findEquivalent(stage.map(({ text }) => text))
  if (equivalent !== undefined) return suggest(tokens, at, stage.length, equivalent)
  if (place.otherImage || isUnderHost(name)) return undefined
  if (catalogue.inImage(base)) return refuseImageFiles(tokens, at, stage, place)
  return refuseMissing(tokens, at, name, catalogue, place)
}

/** Returns an error for a stage, with what to type instead of it, if there is anything. */
function suggest(
  tokens: readonly Token[],
  at: number,
  length: number,
  { message, text, flag }: Equivalent,
): ParseError {
  if (text === undefined) return parseError('unknown-tool', message)
  // A stage that is left out takes the pipe before it along.
  const isRemoved = text === '' && tokens[at - 1] === pipe
  const line = isRemoved ? corrected(tokens, at - 1, '', length + 1) : corrected(tokens, at, text, length)
  const withFlag = flag === undefined ? line : line.replace(/^((?:can-i )?shell) /, `$1 ${flag} `)
  return parseError('unknown-tool', message, withFlag)
}

/** Refuses a program outside the catalogue that would open files of the image where the node's are meant. */
function refuseImageFiles(
  tokens: readonly Token[],
  at: number,
  [program, ...args]: readonly Word[],
  { on }: Place,
): ParseError | undefined {
  const path = args.find(({ text }) => text.startsWith('/') && isOwnFile(text))
  if (on === 'pod' || program === undefined || path === undefined) return undefined
  const message = `${quoted(path.text)} would be the shell image's own here; the node's is under /host, or is what the node's own program opens.`
  return parseError('image-file', message, corrected(tokens, at, `chroot /host ${shellQuote(program.text)}`))
}

/** Refuses a program that the shell image doesn't have before anyone is asked for approval. */
function refuseMissing(
  tokens: readonly Token[],
  at: number,
  name: string,
  catalogue: Catalogue,
  { on }: Place,
): ParseError {
  const similar = otherPrograms.has(name) ? undefined : nearest(name, catalogue.names)
  if (similar !== undefined) {
    const message = `There is no tool ${quoted(name)}; the closest is ${similar}.`
    return parseError('unknown-tool', message, corrected(tokens, at, similar))
  }
  const missing = `${quoted(name).slice(1, -1)}: not found in the shell image; \`tools\` lists what there is.`
  if (on === 'pod') return parseError('not-in-image', missing)
  const message = `${missing} A node may have one of its own.`
  return parseError('not-in-image', message, corrected(tokens, at, `chroot /host ${shellQuote(name)}`))
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
