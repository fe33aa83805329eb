import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { diff } from 'node:util'
import { helmTemplate } from '#dev/chart/helm'

export const valuesFolder = join(import.meta.dirname, 'values')
export const goldenFolder = join(import.meta.dirname, 'golden')

/** Names of the value files, without those of the plainest installation, to which the others are compared. */
export const variants = readdirSync(valuesFolder)
  .map((file) => basename(file, '.yaml'))
  .filter((name) => name !== 'base')
  .toSorted()

const fileOf = (name: string) => join(valuesFolder, `${name}.yaml`)

const rendered = new Map<string, Promise<ReadonlyMap<string, string>>>()

/**
 * Renders the chart with the values of the plainest installation, and those of a variant; objects in order of their names.
 * Renders each variant once: it takes a second.
 */
export function render(name: string): Promise<ReadonlyMap<string, string>> {
  const known = rendered.get(name) ?? renderVariant(name)
  rendered.set(name, known)
  return known
}

async function renderVariant(name: string): Promise<ReadonlyMap<string, string>> {
  const files = name === 'base' ? ['base'] : ['base', name]
  const text = await helmTemplate(files.flatMap((each) => ['--values', fileOf(each)]))
  const objects = text
    .split(/^---\n/m)
    .filter((each) => each.includes('kind:'))
    .map((each) => each.replace(/^# Source: .*\n/, '').trimEnd())
  return new Map(
    objects.map((each): [string, string] => [titleOf(each), each]).toSorted(([one], [other]) => (one < other ? -1 : 1)),
  )
}

function titleOf(object: string): string {
  const field = (expression: RegExp) => expression.exec(object)?.[1] ?? ''
  const place = field(/^metadata:(?:\n.*?)??(?:\n {2}| \{.*?)namespace: ([\w-]+)/m)
  return `${field(/^kind: (\w+)/m)} ${place}/${field(/^metadata:(?:\n {2}| \{ )name: ([\w-]+)/m)}`
}

/** Returns what a variant changes: objects that it adds or removes, and lines of others with `+` and `-`. */
export function changes(base: ReadonlyMap<string, string>, variant: ReadonlyMap<string, string>): string {
  const titles = [...new Set([...base.keys(), ...variant.keys()])].toSorted()
  return titles
    .map((title) => {
      const [before = '', after = ''] = [base.get(title), variant.get(title)]
      if (before === after) return ''
      const lines = before === '' || after === '' ? wholeObject(after) : changedLines(before, after)
      return `${title}\n${lines.join('\n')}\n\n`
    })
    .join('')
}

function wholeObject(after: string): string[] {
  return after === '' ? ['- (removed)'] : after.split('\n').map((line) => `+ ${line}`)
}

function changedLines(before: string, after: string): string[] {
  return diff(before.split('\n'), after.split('\n')).flatMap(([operation, line]) =>
    operation === 0 ? [] : [`${operation === 1 ? '-' : '+'} ${line}`],
  )
}

export function golden(name: string): string {
  return readFileSync(join(goldenFolder, `${name}.${name === 'base' ? 'yaml' : 'diff'}`), 'utf8')
}

/** Returns the text of the golden file of the plainest installation. */
export function wholeText(objects: ReadonlyMap<string, string>): string {
  return [...objects.values()].map((each) => `${each}\n`).join('---\n')
}
