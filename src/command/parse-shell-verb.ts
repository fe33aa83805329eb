import type { Catalogue } from '#core/request/tool'
import { checkStages } from './check-stages.ts'
import type { FanOutCommand, HelpCommand, ParseError, ShellCommand, ShellFlags, TypedTarget } from './command.ts'
import { addFlag, type FlagValues, readFlag, shellFlags, toShellFlags } from './flags.ts'
import { commandText, corrected, isParseError, parseError } from './misunderstood.ts'
import { toStages } from './pipeline.ts'
import { toSelection } from './selection.ts'
import { isKind, toTarget } from './target.ts'
import { pipe, type Token } from './token.ts'

/**
 * Everything before the tool. `tool` is the index of the tool's first token. `target` is absent where none was typed, as
 * with a selector.
 */
type Head = { values: FlagValues; target?: { at: number; word: string }; tool: number; help: boolean }

/** Parses the tokens after `shell`, which is the token at index `verb`. */
export function parseShell(
  tokens: readonly Token[],
  verb: number,
  catalogue: Catalogue,
  dryRun: boolean,
): ShellCommand | FanOutCommand | HelpCommand | ParseError {
  const head = readHead(tokens, verb + 1, catalogue)
  if (isParseError(head)) return head
  if (head.help) return { verb: 'help', topic: 'shell' }
  const { values } = head
  const selected = readTargets(tokens, head)
  if (isParseError(selected)) return selected
  const flags = toShellFlags(values)
  if (isParseError(flags)) return flags
  const conflict = refuseNodeFlags('target' in selected ? selected.target : selected.from, flags)
  if (conflict !== undefined) return conflict
  const stages = toStages(tokens.slice(head.tool))
  if (isParseError(stages)) return stages
  const { kind } = 'target' in selected ? selected.target : selected.from
  const otherImage = flags.imageRepo !== undefined || flags.imageVersion !== undefined
  const problem = checkStages(tokens, head.tool, stages, catalogue, { on: kind, otherImage })
  if (problem !== undefined) return problem
  const common = {
    flags,
    pipeline: stages.map((stage) => stage.map(({ text }) => text)),
    dryRun: dryRun || values.get('dry-run')?.at(-1) === 'true',
  }
  return 'target' in selected ? { verb: 'shell', ...selected, ...common } : { verb: 'fan-out', ...selected, ...common }
}

function readTargets(tokens: readonly Token[], { values, target, tool }: Head) {
  if (values.has('selector')) return toSelection(values, target?.word)
  if (values.has('targets')) return parseError('conflict', '--targets needs a selector, such as `-l pool=web`.')
  if (target === undefined) return refuseMissingTarget(tokens, tool, false)
  const singleTarget = toTarget(tokens, target.at, target.word, values)
  return isParseError(singleTarget) ? singleTarget : { target: singleTarget }
}

function readHead(tokens: readonly Token[], from: number, catalogue: Catalogue): Head | ParseError {
  const values = new Map<string, string[]>()
  let target: Head['target'] | undefined
  let at = from
  while (at < tokens.length) {
    const token = tokens[at]
    if (token === undefined || token === pipe) break
    if (token.text === '--') {
      at += 1
      break
    }
    if (token.text === '--help' || token.text === '-h') {
      return { values, tool: at, help: true }
    }
    if (token.text.startsWith('-')) {
      const read = readFlag(tokens, at, shellFlags)
      if (isParseError(read)) return read
      addFlag(values, read.flag.name, read.value)
      at = read.next
    } else if (target === undefined && !(values.has('selector') && !isKind(token.text))) {
      target = { at, word: token.text }
      at += 1
    } else break
  }
  const isTool = target !== undefined && catalogue.tool(target.word) !== undefined
  if (isTool) return refuseMissingTarget(tokens, target?.at ?? at, isTool)
  return { values, ...(target === undefined ? {} : { target }), tool: at, help: false }
}

function refuseMissingTarget(tokens: readonly Token[], at: number, isTool: boolean): ParseError {
  const example = isTool ? corrected(tokens, at, `TARGET ${commandText(tokens.slice(at, at + 1))}`) : undefined
  const message = 'Name the target before the tool: a node such as node001, or a pod such as -n shop pod/web-1.'
  return parseError('missing-target', message, example ?? 'shell TARGET dig example.org')
}

/** Returns an error for flags that only work on nodes: a pod has no access to its node. */
function refuseNodeFlags(target: Pick<TypedTarget, 'kind'>, flags: ShellFlags): ParseError | undefined {
  if (target.kind === 'node') return undefined
  const given = flags.allowHostFilesystemWrite
    ? '-w (--allow-host-filesystem-write)'
    : flags.mountHostFilesystem
      ? '-m (--mount-host-filesystem)'
      : flags.hostPid
        ? '--host-pid'
        : undefined
  if (given === undefined) return undefined
  return parseError('conflict', `${given} is for nodes; a pod has no access to its node. Name the node instead.`)
}
