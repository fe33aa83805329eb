import { isLabelName, isObjectName } from '#core/request/target'
import { commandText, parseError } from './misunderstood.ts'
import type { ParseError } from './parsed-shell-command.ts'
import { pipe, type Token, textAt } from './token.ts'

const programs: ReadonlySet<string> = new Set(['kubectl', 'oc', 'k'])

/** Flags of `kubectl exec` and `kubectl debug` that have a value, and mean nothing here or something that is kept. */
const valued = /^(?:-n|--namespace|-c|--container|--image|--target|--profile|--context|--share-processes)$/

/** What `kubectl exec` and `kubectl debug` are on, and the index of the first word of their command. */
type Call = { target?: string; namespace?: string; container?: string; command: number }

/**
 * Answers `kubectl exec POD -- TOOL` and `kubectl debug node/NODE -- TOOL` with the command that does it here; undefined
 * for anything else.
 */
export function explainKubectl(tokens: readonly Token[]): ParseError | undefined {
  if (!programs.has(textAt(tokens, 0) ?? '')) return undefined
  const verb = textAt(tokens, 1)
  const message = 'kubectl itself does not run here; `shell` runs tools.'
  if (verb === 'get') return explainGet(tokens, message)
  if (verb !== 'exec' && verb !== 'debug') return parseError('unknown-verb', message, 'help shell')
  const { target, namespace, container, command } = readCall(tokens)
  const isNode = target?.startsWith('node/') === true
  const plain = target?.replace(/^(?:node|pod)s?\//, '') ?? ''
  const isNamed = isObjectName(plain.replace(/^[a-z]+\//, ''))
  if (!isNamed || command >= tokens.length) return parseError('unknown-verb', message, 'help shell')
  const place = [
    ...(isNode || namespace === undefined || !isLabelName(namespace) ? [] : [`-n ${namespace}`]),
    ...(isNode || container === undefined || !isLabelName(container) ? [] : [`--container ${container}`]),
    isNode ? plain : plain.includes('/') ? plain : `pod/${plain}`,
  ]
  return parseError('unknown-verb', message, `shell ${place.join(' ')} ${commandText(tokens.slice(command))}`)
}

function explainGet(tokens: readonly Token[], message: string): ParseError {
  const kind = textAt(tokens, 2) ?? ''
  if (/^(?:no|nodes?)$/.test(kind)) return parseError('unknown-verb', message, 'nodes')
  const { namespace } = readCall(tokens)
  if (!/^(?:po|pods?)$/.test(kind)) return parseError('unknown-verb', message, 'help shell')
  const isValid = namespace !== undefined && isLabelName(namespace)
  return parseError('unknown-verb', message, isValid ? `pods -n ${namespace}` : 'pods')
}

function readCall(tokens: readonly Token[]): Call {
  const found: Call = { command: tokens.length }
  for (let at = 2; at < tokens.length; at += 1) {
    const token = tokens[at]
    if (token === undefined || token === pipe) break
    if (token.text === '--') return { ...found, command: at + 1 }
    const [flag = '', inline] = token.text.split('=', 2)
    if (!token.text.startsWith('-')) {
      // Without `--`, what follows the pod is the command.
      if (found.target !== undefined) return { ...found, command: at }
      found.target = token.text
      continue
    }
    const value = inline ?? (valued.test(flag) ? textAt(tokens, at + 1) : undefined)
    if (inline === undefined && valued.test(flag)) at += 1
    if (value === undefined) continue
    if (flag === '-n' || flag === '--namespace') found.namespace = value
    if (flag === '-c' || flag === '--container') found.container = value
  }
  return found
}
