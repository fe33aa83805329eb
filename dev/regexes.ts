import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from '@swc/core'
import { check, type VulnerableDiagnostics } from 'recheck'

/** Regular expression of a source file; `dynamic` where it is made at run time, so that nobody can prove anything of it here. */
export type FoundRegex = { file: string; line: number } & ({ source: string; flags: string } | { dynamic: true })

/** Flags with which hints of tools are looked for: src/core/output/hints.ts. */
export const hintFlags = 'm'

/** Milliseconds for the proof of one expression. */
const proofTimeoutMs = 60_000

/** Returns the regular expressions of all source files in these folders; `of` restricts them to files whose path it accepts. */
export function regexesBelow(root: string, folders: readonly string[]): FoundRegex[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|js)$/.test(name))
      .toSorted()
      .flatMap((name) => regexesOf(`${folder}/${name}`, readFileSync(join(root, folder, name), 'utf8'))),
  )
}

/** Returns the regular expressions of one file's text. */
export function regexesOf(file: string, text: string): FoundRegex[] {
  const syntax = file.endsWith('.ts') ? ('typescript' as const) : ('ecmascript' as const)
  const found: FoundRegex[] = []
  visit(parseSync(text, { syntax, target: 'es2022' }), (node) => {
    const regex = readRegex(node)
    if (regex !== undefined) {
      const word = 'dynamic' in regex ? 'RegExp(' : `/${regex.source}/${regex.flags}`
      found.push({ file, line: lineOf(text, word), ...regex })
    }
    const source = file.startsWith('src/tools/') ? readHintPattern(node) : undefined
    if (source !== undefined)
      found.push({ file, line: lineOf(text, source.replaceAll('\\', '\\\\')), source, flags: hintFlags })
  })
  return found
}

type Node = Record<string, unknown>

function visit(value: unknown, take: (node: Node) => void): void {
  if (Array.isArray(value)) for (const each of value) visit(each, take)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return
  take(value as Node)
  for (const [key, each] of Object.entries(value)) if (key !== 'span') visit(each, take)
}

function readRegex(node: Node): { source: string; flags: string } | { dynamic: true } | undefined {
  if (node['type'] === 'RegExpLiteral') return { source: String(node['pattern']), flags: String(node['flags']) }
  if (node['type'] !== 'NewExpression' && node['type'] !== 'CallExpression') return undefined
  const callee = node['callee'] as Node | undefined
  return callee?.['value'] === 'RegExp' ? { dynamic: true } : undefined
}

/** Returns the expression of a hint, which is a text of `pattern` or `unless`. */
function readHintPattern(node: Node): string | undefined {
  if (node['type'] !== 'KeyValueProperty') return undefined
  const [key, value] = [node['key'] as Node, node['value'] as Node]
  const isPattern = key['value'] === 'pattern' || key['value'] === 'unless'
  return isPattern && value['type'] === 'StringLiteral' ? String(value['value']) : undefined
}

function lineOf(text: string, word: string): number {
  const at = text.indexOf(word)
  return text.slice(0, Math.max(0, at)).split('\n').length
}

/** Returns why an expression isn't known to take linear time: a text on which it doesn't, or that no proof was found; undefined where it is proven. `fuzz`: by trial only. */
export async function slowTextFor(
  source: string,
  flags: string,
  checker: 'auto' | 'fuzz' = 'auto',
): Promise<string | undefined> {
  const result = await check(source, flags, { timeout: proofTimeoutMs, checker })
  if (result.status === 'safe') return undefined
  // On a busy machine the proof by automata may not end in time, and what is then found by trial is no proof of the contrary.
  if (result.status === 'vulnerable' && result.checker === 'fuzz' && !isSlowFor(new RegExp(source, flags), result))
    return undefined
  if (result.status === 'vulnerable') return `takes ${result.complexity.summary} time, as with ${result.attack.pattern}`
  return `could not be proven to take linear time (${result.error.kind})`
}

/** Milliseconds of the processor within which an expression that takes linear time is done with such a text. */
const linearMs = 20

/** Returns true where the expression really takes long for the text that was found, made a quarter as long. */
function isSlowFor(regex: RegExp, { attack, complexity }: VulnerableDiagnostics): boolean {
  if (complexity.type === 'exponential') return true
  const times = Math.ceil(attack.base / 4)
  const text = attack.pumps.map(({ prefix, pump, bias }) => prefix + pump.repeat(times + bias)).join('') + attack.suffix
  const before = process.cpuUsage()
  regex.test(text)
  return process.cpuUsage(before).user > linearMs * 1_000
}
