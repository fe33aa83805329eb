import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Case } from './case.ts'

const folder = join(import.meta.dirname, 'own')

/**
 * Reads the cases of `own/*.txt`. A case begins with `## NAME`; lines `from:`, `line:`, `exit:`, `says:`, `never:`, `silent:`
 * follow; after `---` comes the output up to the next case, of which the last line break is no part.
 */
export function ownCases(): Case[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.txt'))
    .sort()
    .flatMap((file) =>
      readFileSync(join(folder, file), 'utf8')
        .split(/^## /m)
        .slice(1)
        .map((block) => toCase(file, block)),
    )
}

function toCase(file: string, block: string): Case {
  const at = block.indexOf('\n---\n')
  if (at === -1) throw new Error(`${file}: no line "---" in "${block.slice(0, 60)}"`)
  const [name = '', ...lines] = block.slice(0, at).split('\n')
  const values = (key: string) =>
    lines.filter((line) => line.startsWith(`${key}:`)).map((line) => line.slice(key.length + 1).trim())
  const [line] = values('line')
  if (line === undefined) throw new Error(`${file}: "${name}" has no "line:"`)
  const [exit] = values('exit')
  const [silent] = values('silent')
  return {
    name,
    from: values('from')[0] ?? 'by hand, after the manual',
    argv: toWords(line),
    ...(exit === undefined ? {} : { exit: Number(exit) }),
    text: block.slice(at + 5).replace(/\n$/, ''),
    says: values('says'),
    never: values('never'),
    ...(silent === undefined ? {} : { silent: true }),
  }
}

/** Splits a line into words, as a shell does: single and double quotes keep spaces. */
function toWords(line: string): string[] {
  return (line.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? []).map((word) => word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'))
}
