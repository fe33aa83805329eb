import { join } from 'node:path'
import { type Import, importsBelow } from './imports.ts'
import { type Layer, layers } from './layers.ts'

// Reports imports that dev/layers.ts doesn't allow, and import cycles. `--count` also prints the number of imports between and inside
// folders.

const root =
  process.argv.find((argument, at) => at > 1 && !argument.startsWith('--')) ?? join(import.meta.dirname, '..')
const imports = importsBelow(root, ['src', 'adapters', 'dev', 'shell-image', 'test'])

/** Returns the layer of a file: that of its longest listed parent folder. */
function layerOf(file: string): Layer | undefined {
  const parents = layers.filter(({ folder }) => file.startsWith(`${folder}/`))
  return parents.toSorted((one, other) => other.folder.length - one.folder.length)[0]
}

const folderOf = (file: string) =>
  file
    .split('/')
    .slice(0, file.startsWith('src/') ? 2 : 1)
    .join('/')

function violationOf(one: Import): string | undefined {
  const own = layerOf(one.file)
  if (own === undefined)
    return `the folder ${folderOf(one.file)} is not listed, so it may import nothing. Add it to dev/layers.ts with a description and the folders that it may import.`
  if ('vendor' in one) return vendorViolation(own, one.vendor)
  const other = layerOf(one.to)
  if (other === own || own.may.includes('*') || (other !== undefined && own.may.includes(other.folder)))
    return undefined
  const allowed = own.may.length === 0 ? 'nothing but its own files' : own.may.join(', ')
  return `${own.folder} (${own.what}) may not import ${one.to}: it may import ${allowed}. Move shared code down to src/core, or pass it through a port (src/core/ports) that src/app implements.`
}

function vendorViolation(own: Layer, vendor: string): string | undefined {
  const allowed = own.vendors.some(
    (each) => each === '*' || each === vendor || (each === 'node:*' && vendor.startsWith('node:')),
  )
  if (allowed) return undefined
  const homes = layers.filter(({ vendors }) => vendors.includes(vendor)).map(({ folder }) => folder)
  const home =
    homes.length === 0 ? 'it has no home yet: add it to one folder of dev/layers.ts' : `its home is ${homes.join(', ')}`
  return `${own.folder} (${own.what}) may not import the package ${vendor}; ${home}.`
}

/** Returns groups of files that import each other in a cycle (Tarjan's strongly connected components); type imports count too. */
function cycles(): string[][] {
  const next = new Map<string, string[]>()
  for (const one of imports) if ('to' in one) next.set(one.file, [...(next.get(one.file) ?? []), one.to])
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const found: string[][] = []
  const visit = (file: string) => {
    index.set(file, index.size)
    low.set(file, index.get(file) ?? 0)
    stack.push(file)
    for (const other of next.get(file) ?? []) {
      if (!index.has(other)) visit(other)
      if (stack.includes(other)) low.set(file, Math.min(low.get(file) ?? 0, low.get(other) ?? 0))
    }
    if (low.get(file) !== index.get(file)) return
    const group = stack.splice(stack.indexOf(file))
    if (group.length > 1 || next.get(file)?.includes(file)) found.push(group.toSorted())
  }
  for (const file of next.keys()) if (!index.has(file)) visit(file)
  return found
}

const violations = imports.flatMap((one) => {
  const violation = violationOf(one)
  return violation === undefined ? [] : [`${one.file}:${one.line}: ${violation}`]
})
for (const group of cycles())
  violations.push(
    `${group.join(' ↔ ')}: these files import each other in a cycle. Move what they share into a separate file that they all import.`,
  )

if (process.argv.includes('--count')) {
  const inside = imports.filter((one) => 'to' in one && layerOf(one.file) === layerOf(one.to)).length
  const between = imports.filter((one) => 'to' in one && layerOf(one.file) !== layerOf(one.to)).length
  console.log(`${between} imports between folders, ${inside} inside`)
}
for (const each of violations) console.error(each)
process.exitCode = violations.length === 0 ? 0 : 1
