import type { Catalogue } from '#core/request/tool'
import { defined } from '#core/util/defined'
import { checkStages } from './check-stages.ts'
import { addFlag, type FlagValues, isOn, readFlag, shellFlags, toShellFlags } from './flags.ts'
import { commandText, corrected, isParseError, parseError } from './misunderstood.ts'
import type {
  FanOutCommand,
  HelpCommand,
  OwnerCommand,
  ParseError,
  ShellCommand,
  ShellFlags,
  TypedOwner,
} from './parsed-shell-command.ts'
import { toStages } from './pipeline.ts'
import { toSelection, toTargetCount } from './selection.ts'
import { readContainerFlag } from './short-c-flag.ts'
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
): ShellCommand | OwnerCommand | FanOutCommand | HelpCommand | ParseError {
  const head = readHead(tokens, verb + 1, catalogue)
  if (isParseError(head)) return head
  if (head.help) return { verb: 'help', topic: 'shell' }
  const { values, notes } = readContainerFlag(head.values, head.target?.word)
  const selected = readTargets(tokens, { ...head, values })
  if (isParseError(selected)) return selected
  const flags = toShellFlags(values)
  if (isParseError(flags)) return flags
  const conflict = refuseNodeFlags('target' in selected ? selected.target : selected.from, flags)
  if (conflict !== undefined) return conflict
  const typedStages = toStages(tokens.slice(head.tool))
  const stages = !isParseError(typedStages) && isShellAlone(typedStages) ? [] : typedStages
  if (isParseError(stages)) return stages
  if (flags.set !== undefined && stages.length > 0)
    return parseError(
      'conflict',
      '--set is for a shell; a tool gets the set that covers it. Leave out --set, or the tool.',
    )
  const on = ('target' in selected ? selected.target : selected.from).kind === 'node' ? 'node' : 'pod'
  const otherImage = flags.imageRepo !== undefined || flags.imageVersion !== undefined
  const problem = checkStages(tokens, head.tool, stages, catalogue, { on, otherImage })
  if (problem !== undefined) return problem
  const common = {
    flags,
    pipeline: stages.map((stage) => stage.map(({ text }) => text)),
    dryRun: dryRun || isOn(values, 'dry-run'),
    ...(notes.length === 0 ? {} : { notes }),
  }
  if (!('target' in selected)) return { verb: 'fan-out', ...selected, ...common }
  const { target } = selected
  return target.kind === 'owner' ? { verb: 'owner', target, ...common } : { verb: 'shell', target, ...common }
}

/** Returns true for a shell without arguments, as after `kubectl retina shell NODE --`: it opens a session. */
function isShellAlone(stages: readonly (readonly { text: string }[])[]): boolean {
  const [stage, ...more] = stages
  return (
    more.length === 0 && stage?.length === 1 && ['bash', 'sh', '/bin/bash', '/bin/sh'].includes(stage[0]?.text ?? '')
  )
}

function readTargets(tokens: readonly Token[], { values, target, tool }: Head) {
  const all = isOn(values, 'all')
  if (values.has('selector') && !all) return toSelection(values, target?.word)
  if (target === undefined) return values.has('selector') ? noAll : refuseMissingTarget(tokens, tool, false)
  const single = toTarget(tokens, target.at, target.word, values)
  if (isParseError(single)) return single
  if (all) return single.kind === 'owner' && !values.has('selector') ? toPodsOfOwner(single, values) : noAll
  if (!values.has('targets')) return { target: single }
  return parseError('conflict', '--targets needs a selector, such as `-l pool=web`, or `--all`.')
}

/** Answer to `--all` where nothing that owns pods is named. */
export const noAll = parseError(
  'conflict',
  '--all is for what owns pods, as in `deploy/web --all`; a selector takes all anyway.',
)

/** Returns all pods of an owner, as a selector would return them. */
export function toPodsOfOwner(
  { cluster, namespace, owner, container }: TypedOwner,
  values: FlagValues,
): Pick<FanOutCommand, 'from' | 'labels' | 'targets'> | ParseError {
  const targets = toTargetCount(values)
  if (isParseError(targets)) return targets
  const place = { ...defined({ cluster, container }) }
  return { from: { kind: 'pod', namespace, owner, ...place }, labels: [], ...targets }
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
  return { values, ...defined({ target }), tool: at, help: false }
}

function refuseMissingTarget(tokens: readonly Token[], at: number, isTool: boolean): ParseError {
  const example = isTool ? corrected(tokens, at, `TARGET ${commandText(tokens.slice(at, at + 1))}`) : undefined
  const message = 'Name the target before the tool: a node such as node001, or a pod such as -n shop pod/web-1.'
  return parseError('missing-target', message, example ?? 'shell TARGET dig example.org')
}

/** Returns an error for flags that only work on nodes: a pod has no access to its node. */
function refuseNodeFlags(target: { kind: 'node' | 'pod' | 'owner' }, flags: ShellFlags): ParseError | undefined {
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
