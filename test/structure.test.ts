import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from '@jest/globals'

const root = join(import.meta.dirname, '..')
const biome = join(root, 'node_modules/.bin/biome')

/** What Biome says of a file that is put into the project for a moment. */
function lint(file: string, text: string): string {
  const path = join(root, file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  try {
    execFileSync(biome, ['lint', file], { cwd: root, stdio: 'pipe' })
    return 'fine'
  } catch (error) {
    const { stdout, stderr } = error as { stdout: Buffer; stderr: Buffer }
    return `${stdout}${stderr}`
  } finally {
    rmSync(path)
  }
}

const use = (name: string) => `import { x } from '${name}'\nexport const planted = x\n`

test('a file that keeps to the directions is fine, so the checks below can fail', () => {
  expect(lint('src/core/planted.ts', use('./instant.ts'))).toBe('fine')
  expect(lint('src/bot/planted.ts', use('#core/instant'))).toBe('fine')
})

test.each([
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
  ['src/confirm/planted.ts', '#src/store/redis'],
  ['src/bot/planted.ts', '@simplewebauthn/server'],
  ['src/planted.ts', '#adapters/slack/index'],
  ['src/planted.ts', 'bullmq'],
  ['adapters/slack/planted.ts', '#src/bot/house'],
  ['adapters/slack/planted.ts', '#adapters/web/index'],
  ['adapters/web/planted.ts', '@slack/web-api'],
  ['adapters/web/planted.ts', '../slack/blocks.ts'],
])('a planted import is caught: %s ← %s', (file, name) => {
  expect(lint(file, use(name))).toMatch(/noRestrictedImports|noNodejsModules/)
})

test('a cycle, a default export, `any`, `!`, an enum and a file of 251 lines are caught', () => {
  expect(lint('src/core/planted.ts', 'export default function planted() {}\n')).toContain('noDefaultExport')
  expect(lint('src/core/planted.ts', 'export const planted: any = 1\n')).toContain('noExplicitAny')
  expect(lint('src/core/planted.ts', 'export const planted = (x?: string) => x!\n')).toContain('noNonNullAssertion')
  expect(lint('src/core/planted.ts', 'export enum Planted { A }\n')).toContain('noEnum')
  expect(lint('src/core/planted.ts', `${'// x\n'.repeat(251)}export const planted = 1\n`)).toContain(
    'noExcessiveLinesPerFile',
  )
})

test('a cycle is caught, of types too', () => {
  const other = join(root, 'src/core/planted-too.ts')
  writeFileSync(other, "import type { A } from './planted.ts'\nexport type B = A\n")
  try {
    expect(lint('src/core/planted.ts', "import type { B } from './planted-too.ts'\nexport type A = B | 1\n")).toContain(
      'noImportCycles',
    )
  } finally {
    rmSync(other)
  }
})
