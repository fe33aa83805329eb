import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { parseSync } from '@swc/core'

/** An import: the importing file, as a path from the root, and the imported file of the project (`to`) or package (`vendor`). */
export type Import = { file: string; line: number } & ({ to: string } | { vendor: string })

/** Prefixes of package.json's `imports`, and the folders that they resolve to. */
const aliases: Readonly<Record<string, string>> = {
  '#core/': 'src/core/',
  '#src/': 'src/',
  '#adapters/': 'adapters/',
  '#dev/': 'dev/',
  '#test/': 'test/',
  '#shell-image/': 'shell-image/',
}

/** Returns all imports, including type and dynamic ones, of the TypeScript files below these folders. */
export function importsBelow(root: string, folders: readonly string[]): Import[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))
      .toSorted()
      .flatMap((name) => importsOf(root, `${folder}/${name}`)),
  )
}

type Literal = { type: string; value: unknown; span: { start: number } }

function importsOf(root: string, file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8')
  const program = parseSync(text, { syntax: 'typescript', target: 'es2024' })
  const found: Literal[] = []
  collectSpecifiers(program, found)
  // swc counts positions in bytes, and continues the count from one parsed file to the next.
  const bytes = Buffer.from(text)
  const lineAt = (at: number) => bytes.subarray(0, Math.max(0, at)).toString('utf8').split('\n').length
  return found.map(({ value, span }) => {
    const specifier = String(value)
    const where = { file, line: lineAt(span.start - program.span.start) }
    const to = resolveFile(root, file, specifier)
    return to === undefined ? { ...where, vendor: packageName(specifier) } : { ...where, to }
  })
}

/** Collects the literals that name an imported module, anywhere below a node of the syntax tree. */
function collectSpecifiers(node: unknown, found: Literal[]): void {
  if (Array.isArray(node)) {
    for (const each of node) collectSpecifiers(each, found)
    return
  }
  if (typeof node !== 'object' || node === null) return
  const { type, source, callee, argument, arguments: args } = node as Record<string, unknown>
  if (typeof type === 'string' && /^(Import|ExportNamed|ExportAll)Declaration$/.test(type) && isLiteral(source))
    found.push(source)
  if (type === 'TsImportType' && isLiteral(argument)) found.push(argument)
  if (type === 'CallExpression' && (callee as { type?: string }).type === 'Import') {
    const [first] = args as { expression: unknown }[]
    if (isLiteral(first?.expression)) found.push(first.expression)
  }
  for (const value of Object.values(node)) collectSpecifiers(value, found)
}

function isLiteral(node: unknown): node is Literal {
  return (node as { type?: string } | undefined)?.type === 'StringLiteral'
}

function resolveFile(root: string, file: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return relative(root, resolve(root, dirname(file), specifier))
  const [alias, folder] = Object.entries(aliases).find(([name]) => specifier.startsWith(name)) ?? []
  return alias === undefined ? undefined : `${folder}${specifier.slice(alias.length)}.ts`
}

function packageName(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
