import { globSync, readFileSync } from 'node:fs'
import { parseSync } from '@swc/core'

/**
 * Counts, in the folders of the arguments, places where a function writes to a variable of a function around it: state
 * that callbacks change. Property writes are not counted. Prints one line a place, and the sum.
 */

type Node = { type: string; [field: string]: unknown }
type Scope = { names: Set<string>; parent: Scope | undefined }

const functions = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'MethodProperty',
  'ClassMethod',
])

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'
}

function children(node: Node): Node[] {
  return Object.values(node).flatMap((value) => {
    if (isNode(value)) return [value]
    if (!Array.isArray(value)) return isWrapped(value) ? [value.expression] : []
    return value.flatMap((each) => (isNode(each) ? [each] : isWrapped(each) ? [each.expression] : []))
  })
}

/** Arguments of a call and elements of an array are wrapped in an object without a type. */
function isWrapped(value: unknown): value is { expression: Node } {
  return typeof value === 'object' && value !== null && isNode((value as { expression?: unknown }).expression)
}

/** Returns the names that a pattern binds or an assignment writes to. */
function namesOf(pattern: Node): string[] {
  if (pattern.type === 'Identifier') return [String(pattern['value'])]
  if (pattern.type === 'MemberExpression') return []
  if (pattern.type === 'AssignmentPattern' || pattern.type === 'AssignmentPatternProperty')
    return namesOf((pattern['left'] ?? pattern['key']) as Node)
  if (pattern.type === 'KeyValuePatternProperty') return namesOf(pattern['value'] as Node)
  return children(pattern)
    .filter(({ type }) => type !== 'TsTypeAnnotation')
    .flatMap(namesOf)
}

/** Adds the names that the function of `node` declares, without those of functions inside. */
function declare(node: Node, names: Set<string>): void {
  for (const child of children(node)) {
    if (child.type === 'VariableDeclarator') for (const name of namesOf(child['id'] as Node)) names.add(name)
    if (child.type === 'Parameter') for (const name of namesOf(child['pat'] as Node)) names.add(name)
    if (!functions.has(child.type)) declare(child, names)
  }
  if (node.type === 'ArrowFunctionExpression')
    for (const each of node['params'] as Node[]) for (const name of namesOf(each)) names.add(name)
}

function writesIn(node: Node, scope: Scope, found: string[]): void {
  for (const child of children(node)) {
    const written =
      child.type === 'AssignmentExpression'
        ? child['left']
        : child.type === 'UpdateExpression'
          ? child['argument']
          : undefined
    if (isNode(written)) found.push(...namesOf(written).filter((name) => isOfOuterFunction(name, scope)))
    if (!functions.has(child.type)) writesIn(child, scope, found)
    else {
      const inner = { names: new Set<string>(), parent: scope }
      declare(child, inner.names)
      writesIn(child, inner, found)
    }
  }
}

function isOfOuterFunction(name: string, { names, parent }: Scope): boolean {
  for (let each = names.has(name) ? undefined : parent; each !== undefined; each = each.parent)
    if (each.names.has(name)) return true
  return false
}

let sum = 0
for (const file of globSync(process.argv.slice(2).map((folder) => `${folder}/**/*.ts`)).toSorted()) {
  const program = parseSync(readFileSync(file, 'utf8'), { syntax: 'typescript', target: 'es2024' }) as unknown as Node
  const scope = { names: new Set<string>(), parent: undefined }
  declare(program, scope.names)
  const found: string[] = []
  writesIn(program, scope, found)
  if (found.length > 0) console.info(`${file}: ${found.length} (${found.join(' ')})`)
  sum += found.length
}
console.info(`${sum} places`)
