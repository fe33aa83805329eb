import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'

const root = join(import.meta.dirname, '../..')
/** A copy of what the product is made of, into which wrong files are put. */
const copy = realpathSync(mkdtempSync(join(tmpdir(), 'retina-structure-')))

const use = (name: string) => `import { x } from '${name}'\nexport const planted = x\n`

const fine = [
  ['src/core/util/planted.ts', './instant.ts'],
  ['src/bot/runs/planted.ts', '#core/util/instant'],
  ['src/app/planted.ts', '#src/bot/context'],
] as const

/** A wrong import in each layer, with what the check says of it. */
const wrong = [
  ['src/core/runs/planted.ts', '#src/bot/context', 'src/core (types and pure rules) may not import src/bot/context.ts'],
  ['src/core/runs/planted.ts', 'node:fs', 'may not import the package node:fs'],
  ['src/core/runs/planted.ts', 'zod', 'its home is src/cli, src/config, src/playbooks, src/registry, src/identity'],
  ['src/core/runs/planted.ts', '#core/ports/store', 'src/core (types and pure rules) may not import src/core/ports'],
  ['src/tools/planted.ts', '#core/ports/cluster', 'src/tools (one file a tool) may not import src/core/ports'],
  ['src/core/ports/planted.ts', '#src/bot/context', 'src/core/ports (one file for each border) may not import'],
  ['src/bot/runs/planted.ts', '#src/kubernetes/cluster', 'it may import src/lifecycle, src/command, src/core'],
  ['src/bot/runs/planted.ts', '#adapters/slack/index', 'src/bot (from an accepted command to the queue) may not'],
  ['src/bot/planted.ts', '../kubernetes/cluster.ts', 'may not import src/kubernetes/cluster.ts'],
  ['src/bot/planted.ts', '@simplewebauthn/server', 'its home is src/web'],
  ['src/command/planted.ts', '#src/bot/context', 'src/command (typed text to a plan) may not import'],
  ['src/tools/planted.ts', '#src/redis/connection', 'src/tools (one file a tool) may not import'],
  ['src/worker/planted.ts', '#src/bot/context', 'src/worker (from the queue to the result) may not import'],
  ['src/worker/planted.ts', '@kubernetes/client-node', 'its home is src/kubernetes'],
  ['src/kubernetes/api/planted.ts', 'ioredis', 'its home is src/redis'],
  ['src/redis/store/planted.ts', '#src/kubernetes/cluster', 'src/redis (Redis and BullMQ) may not import'],
  ['src/redis/queue/planted.ts', '@slack/bolt', 'its home is adapters/slack'],
  ['src/registry/planted.ts', '#src/kubernetes/cluster', 'src/registry (image registries) may not import'],
  ['src/identity/planted.ts', '#src/redis/connection', 'src/identity (people of chats and of Entra) may not'],
  ['src/lifecycle/planted.ts', '#src/redis/connection', 'src/lifecycle (what bot and worker both do with a run) may'],
  ['src/web/planted.ts', '#src/redis/hmac-signer', 'src/web (pages sent to browsers) may not import'],
  ['src/config/planted.ts', '#src/redis/connection', 'src/config (retina.yaml) may not import'],
  ['src/charts/planted.ts', '#src/tools/index', 'src/charts (charts as PNG) may not import'],
  ['src/cli/planted.ts', '#src/redis/connection', 'src/cli (subcommands) may not import'],
  ['src/app/planted.ts', 'bullmq', 'its home is src/redis'],
  ['src/app/planted.ts', 'left-pad', 'it has no home yet: add it to one folder of dev/layers.ts'],
  ['adapters/slack/planted.ts', '#src/bot/context', 'adapters/slack (Slack) may not import'],
  ['adapters/slack/planted.ts', '#adapters/web/index', 'it may import adapters/common, src/core'],
  ['adapters/teams/planted.ts', '#adapters/slack/index', 'adapters/teams (Microsoft Teams) may not import'],
  ['adapters/console/planted.ts', '#adapters/web/index', 'adapters/console (the terminal) may not import'],
  ['adapters/common/planted.ts', '#adapters/web/index', 'adapters/common (what chat adapters share) may not'],
  ['adapters/web/planted.ts', '@slack/web-api', 'its home is adapters/slack'],
  ['adapters/web/planted.ts', '../slack/blocks.ts', 'adapters/web (the web chat) may not import'],
  ['dev/planted.ts', '#src/bot/context', 'dev (development cluster, demo, checks) may not import'],
  ['shell-image/planted.ts', '#src/bot/context', 'shell-image (the image that runs in the cluster) may not'],
  ['src/unlisted/planted.ts', '#core/util/instant', 'the folder src/unlisted is not listed, so it may import nothing'],
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

/** Rules that the linter found broken, by the planted file; and what the two checks of our own said. */
const broken = new Map<string, string[]>()
let imports = ''
let words = ''

/** A name of its own for each planted file, since all of them are there at once. */
const nameOf = (file: string, about: string) => join(dirname(file), `planted-${about.replaceAll(/\W+/g, '-')}.ts`)
const core = (about: string) => nameOf('src/core/util/planted.ts', about)

function run(program: string, args: readonly string[]): { stdout: string; stderr: string } {
  return spawnSync(program, args, { cwd: copy, encoding: 'utf8', maxBuffer: 100_000_000 })
}

/** Each check starts and reads the whole tree once, for all files together. */
beforeAll(() => {
  for (const name of ['src', 'adapters', 'dev', 'shell-image', 'biome.json', 'package.json'])
    cpSync(join(root, name), join(copy, name), { recursive: true })
  for (const name of ['test', 'deploy', 'docs']) mkdirSync(join(copy, name))
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  const linted = Object.entries(plain).map(([about, text]) => [core(about), text] as const)
  const files = new Map([
    ...[...fine, ...wrong].map(([file, name]) => [nameOf(file, name), use(name)] as const),
    ...linted,
    [core('cycle'), `import type { B } from './planted-cycle-too.ts'\nexport type A = B | 1\n`],
    [core('cycle-too'), `import type { A } from './planted-cycle.ts'\nexport type B = A\n`],
    [core('retired name'), 'export function openFlow() {}\nexport type WorkerHouse = 1\n'],
    ['src/bot/on-command.ts', 'export const handleIt = 1\n'],
    ['docs/planted.md', `# Planted\n\nIt begins ${'a'}new.\n`],
    ['test/fixtures/planted.txt', `It begins ${'a'}new.\n`],
  ])
  for (const [file, text] of files) {
    mkdirSync(dirname(join(copy, file)), { recursive: true })
    writeFileSync(join(copy, file), text)
  }
  imports = run(process.execPath, ['--no-warnings', 'dev/check-imports.ts']).stderr
  words = run(process.execPath, ['--no-warnings', 'dev/check-words.ts']).stderr
  const lint = ['lint', '--reporter=json', '--max-diagnostics=none', ...linted.map(([file]) => file)]
  const { stdout, stderr } = run(join(root, 'node_modules/.bin/biome'), lint)
  const report = JSON.parse(stdout) as {
    summary: { unchanged: number }
    diagnostics: { category: string; location: { path: string } }[]
  }
  // A file that was not looked at would be fine.
  if (report.summary.unchanged !== linted.length) throw new Error(`not all files were linted:\n${stdout}${stderr}`)
  for (const { category, location } of report.diagnostics) {
    const file = relative(copy, join(copy, location.path))
    broken.set(file, [...(broken.get(file) ?? []), category])
  }
})
afterAll(() => rmSync(copy, { recursive: true, force: true }))

const rules = (file: string) => broken.get(file) ?? []
/** What the check of imports says of one file. */
const saidOf = (file: string) => imports.split('\n').filter((line) => line.startsWith(`${file}:`))

test('a file that keeps to the directions is fine, so the checks below can fail', () => {
  for (const [file, name] of fine) expect(saidOf(nameOf(file, name))).toEqual([])
})

test.each(wrong)('a planted import is caught, with what to do: %s ← %s', (file, name, said) => {
  const [line = '', ...more] = saidOf(nameOf(file, name))
  expect(more).toEqual([])
  expect(line).toContain(said)
})

test('nothing else is wrong in the copy', () => {
  expect(imports.trim().split('\n')).toHaveLength(wrong.length + 1)
  expect(words.trim().split('\n')).toHaveLength(4)
})

test('a cycle is caught, of types too', () => {
  expect(imports).toContain(`${core('cycle-too')} ↔ ${core('cycle')}: these files import each other in a cycle`)
})

test('retired names and files are reported, with their replacements', () => {
  expect(words).toContain(`${core('retired name')}: the name "openFlow" is retired; use openApp.`)
  expect(words).toContain(`${core('retired name')}: the name "WorkerHouse" is retired; use WorkerContext.`)
  expect(words).toContain(`docs/planted.md:3: "${'a'}new" isn't plain English here; write again.`)
  expect(words).toContain('src/bot/on-command.ts: this file name is retired; use bot/inbox/handle-command.ts.')
})

test('a default export, `any`, `!`, an enum and a file of 401 lines are caught', () => {
  expect(rules(core('default export'))).toContain('lint/style/noDefaultExport')
  expect(rules(core('any'))).toContain('lint/suspicious/noExplicitAny')
  expect(rules(core('non-null'))).toContain('lint/style/noNonNullAssertion')
  expect(rules(core('enum'))).toContain('lint/style/noEnum')
  expect(rules(core('long enough'))).toEqual([])
  expect(rules(core('too long'))).toContain('lint/style/noExcessiveLinesPerFile')
})
