import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'

const root = join(import.meta.dirname, '..')
const biome = join(root, 'node_modules/.bin/biome')
/** A copy of what the product is made of, into which wrong files are put. */
const copy = realpathSync(mkdtempSync(join(tmpdir(), 'retina-structure-')))

const use = (name: string) => `import { x } from '${name}'\nexport const planted = x\n`

const fine = [
  ['src/core/planted.ts', './instant.ts'],
  ['src/bot/planted.ts', '#core/instant'],
] as const

const wrong = [
  ['src/core/planted.ts', '#src/bot/house'],
  ['src/core/planted.ts', 'node:fs'],
  ['src/core/planted.ts', 'zod'],
  ['src/bot/planted.ts', '#src/kubernetes/cluster'],
  ['src/bot/planted.ts', '#adapters/slack/index'],
  ['src/bot/planted.ts', '../kubernetes/cluster.ts'],
  ['src/command/planted.ts', '#src/bot/house'],
  ['src/tools/planted.ts', '#src/store/redis'],
  ['src/worker/planted.ts', '#src/bot/house'],
  ['src/worker/planted.ts', '@kubernetes/client-node'],
  ['src/kubernetes/planted.ts', 'ioredis'],
  ['src/queue/planted.ts', '@slack/bolt'],
  ['src/store/planted.ts', 'bullmq'],
  ['src/registry/planted.ts', '#src/kubernetes/cluster'],
  ['src/confirm/planted.ts', '#src/store/redis'],
  ['src/bot/planted.ts', '@simplewebauthn/server'],
  ['src/planted.ts', '#adapters/slack/index'],
  ['src/planted.ts', 'bullmq'],
  ['adapters/slack/planted.ts', '#src/bot/house'],
  ['adapters/slack/planted.ts', '#adapters/web/index'],
  ['adapters/web/planted.ts', '@slack/web-api'],
  ['adapters/web/planted.ts', '../slack/blocks.ts'],
] as const

const plain = {
  'default export': 'export default function planted() {}\n',
  any: 'export const planted: any = 1\n',
  'non-null': 'export const planted = (x?: string) => x!\n',
  enum: 'export enum Planted { A }\n',
  // 400 lines are fine, 401 aren't.
  'long enough': `${'// x\n'.repeat(399)}export const planted = 1\n`,
  'too long': `${'// x\n'.repeat(400)}export const planted = 1\n`,
}

/** Rules that the linter found broken, by the planted file. */
const broken = new Map<string, string[]>()

/** A name of its own for each planted file, since all of them are there at once. */
const nameOf = (file: string, about: string) => join(dirname(file), `planted-${about.replaceAll(/\W+/g, '-')}.ts`)
const core = (about: string) => nameOf('src/core/planted.ts', about)

/** The linter starts and reads the whole tree once, for all files together. */
beforeAll(() => {
  for (const name of ['src', 'adapters', 'biome.json', 'package.json'])
    cpSync(join(root, name), join(copy, name), { recursive: true })
  const files = new Map([
    ...[...fine, ...wrong].map(([file, name]) => [nameOf(file, name), use(name)] as const),
    ...Object.entries(plain).map(([about, text]) => [core(about), text] as const),
    [core('cycle'), `import type { B } from './planted-cycle-too.ts'\nexport type A = B | 1\n`],
    [core('cycle-too'), `import type { A } from './planted-cycle.ts'\nexport type B = A\n`],
  ])
  for (const [file, text] of files) {
    mkdirSync(dirname(join(copy, file)), { recursive: true })
    writeFileSync(join(copy, file), text)
  }
  const words = ['lint', '--reporter=json', '--max-diagnostics=none', ...files.keys()]
  const { stdout, stderr } = spawnSync(biome, words, { cwd: copy, encoding: 'utf8', maxBuffer: 100_000_000 })
  const report = JSON.parse(stdout) as {
    summary: { unchanged: number }
    diagnostics: { category: string; location: { path: string } }[]
  }
  // A file that was not looked at would be fine.
  if (report.summary.unchanged !== files.size) throw new Error(`not all files were linted:\n${stdout}${stderr}`)
  for (const { category, location } of report.diagnostics) {
    const file = relative(copy, join(copy, location.path))
    broken.set(file, [...(broken.get(file) ?? []), category])
  }
}, 60_000)
afterAll(() => rmSync(copy, { recursive: true, force: true }))

const rules = (file: string) => broken.get(file) ?? []

test('a file that keeps to the directions is fine, so the checks below can fail', () => {
  for (const [file, name] of fine) expect(rules(nameOf(file, name))).toEqual([])
})

test.each(wrong)('a planted import is caught: %s ← %s', (file, name) => {
  expect(rules(nameOf(file, name))).toContain('lint/style/noRestrictedImports')
})

test('a default export, `any`, `!`, an enum and a file of 401 lines are caught', () => {
  expect(rules(core('default export'))).toContain('lint/style/noDefaultExport')
  expect(rules(core('any'))).toContain('lint/suspicious/noExplicitAny')
  expect(rules(core('non-null'))).toContain('lint/style/noNonNullAssertion')
  expect(rules(core('enum'))).toContain('lint/style/noEnum')
  expect(rules(core('long enough'))).toEqual([])
  expect(rules(core('too long'))).toContain('lint/style/noExcessiveLinesPerFile')
})

test('a cycle is caught, of types too', () => {
  expect(rules(core('cycle'))).toContain('lint/suspicious/noImportCycles')
})
