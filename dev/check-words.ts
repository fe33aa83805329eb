import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseSync } from '@swc/core'
import { retiredFiles, retiredNames } from './retired-words.ts'

// Reports exported identifiers and file names that this project has replaced by clearer ones (dev/retired-words.ts).

const root = process.argv[2] ?? join(import.meta.dirname, '..')
const violations: string[] = []
for (const folder of ['src', 'adapters', 'dev', 'shell-image', 'test']) {
  for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).toSorted()) {
    if (!name.endsWith('.ts') || name.includes('node_modules')) continue
    const file = `${folder}/${name}`
    const newName = retiredFiles[basename(name)]
    if (newName !== undefined) violations.push(`${file}: this file name is retired; use ${newName}.`)
    for (const each of exportedNames(readFileSync(join(root, file), 'utf8'))) {
      const replacement = Object.hasOwn(retiredNames, each) ? retiredNames[each] : undefined
      if (replacement !== undefined) violations.push(`${file}: the name "${each}" is retired; use ${replacement}.`)
    }
  }
}
for (const each of violations) console.error(each)
process.exitCode = violations.length === 0 ? 0 : 1

type Node = { type: string; identifier?: { value: string }; id?: { value?: string }; declarations?: Node[] }

function exportedNames(text: string): string[] {
  return parseSync(text, { syntax: 'typescript', target: 'es2024' }).body.flatMap((each) => {
    if (each.type !== 'ExportDeclaration') return []
    const { identifier, id, declarations = [] } = each.declaration as unknown as Node
    const names = [identifier?.value, id?.value, ...declarations.map((one) => one.id?.value)]
    return names.filter((name) => name !== undefined)
  })
}
