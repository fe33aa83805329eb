import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { parseSync } from '@swc/core'

/** One import: the file that it stands in, as a path from the root, and what it names: a file of the project, or a package. */
export type Import = { file: string; line: number } & ({ to: string } | { vendor: string })

/** Names of package.json's `imports`, and the folders that they lead to. */
const aliases: Readonly<Record<string, string>> = {
  '#core/': 'src/core/',
  '#src/': 'src/',
  '#adapters/': 'adapters/',
  '#dev/': 'dev/',
  '#test/': 'test/',
  '#shell-image/': 'shell-image/',
}

/** All imports, types' and dynamic ones too, of the TypeScript files below these folders. */
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
  collect(program, found)
  // Positions of swc are bytes, and count on from one file to the next.
  const bytes = Buffer.from(text)
  const lineAt = (at: number) => bytes.subarray(0, Math.max(0, at)).toString('utf8').split('\n').length
  return found.map(({ value, span }) => {
    const specifier = String(value)
    const where = { file, line: lineAt(span.start - program.span.start) }
    const to = target(root, file, specifier)
    return to === undefined ? { ...where, vendor: packageOf(specifier) } : { ...where, to }
  })
}

/** The literals that name what is imported, anywhere below a node of the syntax tree. */
function collect(node: unknown, found: Literal[]): void {
  if (Array.isArray(node)) {
    for (const each of node) collect(each, found)
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
  for (const value of Object.values(node)) collect(value, found)
}

function isLiteral(node: unknown): node is Literal {
  return (node as { type?: string } | undefined)?.type === 'StringLiteral'
}

function target(root: string, file: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return relative(root, resolve(root, dirname(file), specifier))
  const [alias, folder] = Object.entries(aliases).find(([name]) => specifier.startsWith(name)) ?? []
  return alias === undefined ? undefined : `${folder}${specifier.slice(alias.length)}.ts`
}

function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
