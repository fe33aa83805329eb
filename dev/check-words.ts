import { readdirSync, readFileSync } from 'node:fs'
import { basename, extname, join, relative } from 'node:path'
import { parseSync } from '@swc/core'
import { retiredFiles, retiredNames, retiredPhrases } from './retired-words.ts'

// Reports exported identifiers and file names that this project has replaced by clearer ones, and phrases that plain English doesn't need
// (dev/retired-words.ts).

/** Files that are read, by the end of their name. */
const textExtensions = new Set(['.ts', '.go', '.lua', '.md', '.yaml', '.json', '.tpl', '.txt', '.sh', '.html', '.css'])

/** Files with texts of others, and the list itself. */
const textsOfOthers = /^(test\/fixtures\/|dev\/retired-words\.ts$)/

const root = process.argv[2] ?? join(import.meta.dirname, '..')
const violations: string[] = []
const anyPhrase = new RegExp(`\\b(${Object.keys(retiredPhrases).join('|')})\\b`, 'gi')
for (const file of textFiles()) {
  const text = readFileSync(join(root, file), 'utf8')
  if (file.endsWith('.ts')) checkNames(file, text)
  if (!textsOfOthers.test(file)) checkPhrases(file, text)
}
for (const each of violations) console.error(each)
process.exitCode = violations.length === 0 ? 0 : 1

type Node = { type: string; identifier?: { value: string }; id?: { value?: string }; declarations?: Node[] }

function checkNames(file: string, text: string): void {
  const newName = retiredFiles[basename(file)]
  if (newName !== undefined) violations.push(`${file}: this file name is retired; use ${newName}.`)
  for (const each of exportedNames(text)) {
    const replacement = Object.hasOwn(retiredNames, each) ? retiredNames[each] : undefined
    if (replacement !== undefined) violations.push(`${file}: the name "${each}" is retired; use ${replacement}.`)
  }
}

function checkPhrases(file: string, text: string): void {
  for (const [at, line] of text.split('\n').entries()) {
    for (const [phrase] of line.matchAll(anyPhrase)) {
      const replacement = retiredPhrases[phrase.toLowerCase()]
      violations.push(`${file}:${at + 1}: "${phrase}" isn't plain English here; write ${replacement}.`)
    }
  }
}

function textFiles(): string[] {
  const inFolders = ['src', 'adapters', 'dev', 'shell-image', 'test', 'deploy', 'docs'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile())
      .map((each) => relative(root, join(each.parentPath, each.name))),
  )
  const atRoot = readdirSync(root).filter((name) => name.endsWith('.md'))
  return [...inFolders, ...atRoot]
    .filter((file) => textExtensions.has(extname(file)) && !file.includes('node_modules'))
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
