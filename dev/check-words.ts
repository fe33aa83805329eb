import { readdirSync, readFileSync } from 'node:fs'
import { basename, extname, join, relative } from 'node:path'
import { parseSync } from '@swc/core'
import { retiredFiles, retiredNames, retiredPhrases } from './retired-words.ts'

// Reports exported identifiers and file names that this project has replaced by clearer ones, and phrases that plain English doesn't need
// (dev/retired-words.ts).

/** Files whose texts are checked, by the end of their name. */
const textExtensions = new Set(['.ts', '.go', '.lua', '.md', '.yaml', '.json', '.tpl', '.txt', '.sh', '.html', '.css'])

/** Files with texts of others, and the list itself. */
const uncheckedTexts = /^(test\/fixtures\/|dev\/retired-words\.ts$)|(^|\/)node_modules\//

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
const anyPhrase = new RegExp(`\\b(${Object.keys(retiredPhrases).join('|')})\\b`, 'gi')
for (const file of textFiles()) {
  for (const [at, line] of readFileSync(join(root, file), 'utf8').split('\n').entries()) {
    for (const [phrase] of line.matchAll(anyPhrase)) {
      const replacement = retiredPhrases[phrase.toLowerCase()]
      violations.push(`${file}:${at + 1}: "${phrase}" isn't plain English here; write ${replacement}.`)
    }
  }
}
for (const each of violations) console.error(each)
process.exitCode = violations.length === 0 ? 0 : 1

type Node = { type: string; identifier?: { value: string }; id?: { value?: string }; declarations?: Node[] }

function textFiles(): string[] {
  const inFolders = ['src', 'adapters', 'dev', 'shell-image', 'test', 'deploy', 'docs'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile())
      .map((each) => relative(root, join(each.parentPath, each.name))),
  )
  const atRoot = readdirSync(root).filter((name) => name.endsWith('.md'))
  return [...inFolders, ...atRoot]
    .filter((file) => textExtensions.has(extname(file)) && !uncheckedTexts.test(file))
    .toSorted()
}

function exportedNames(text: string): string[] {
  return parseSync(text, { syntax: 'typescript', target: 'es2024' }).body.flatMap((each) => {
    if (each.type !== 'ExportDeclaration') return []
    const { identifier, id, declarations = [] } = each.declaration as unknown as Node
    const names = [identifier?.value, id?.value, ...declarations.map((one) => one.id?.value)]
    return names.filter((name) => name !== undefined)
  })
}
