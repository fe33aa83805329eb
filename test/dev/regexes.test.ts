import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { hintFlags, regexesBelow, regexesOf, slowTextFor } from '#dev/regexes'
import { tools } from '#src/tools/index'

const root = join(import.meta.dirname, '../..')

test('T43 every expression of the sources, and of the tools’ hints, is proven to take linear time', () => {
  const { status, stderr } = spawnSync(process.execPath, ['--no-warnings', 'dev/check-regexes.ts'], {
    cwd: root,
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  expect(status).toBe(0)
})

test('T43 every hint’s pattern is proven to take linear time', async () => {
  const patterns = new Set(
    tools.flatMap(({ hints }) =>
      hints.flatMap(({ pattern, unless }) => (unless === undefined ? [pattern] : [pattern, unless])),
    ),
  )
  expect(patterns.size).toBeGreaterThan(30)
  // Those that are written as texts are proven by check-regexes, which records them.
  const recorded = new Set(JSON.parse(readFileSync(join(root, 'dev/proven-regexes.json'), 'utf8')) as string[])
  const found = new Set(
    regexesBelow(root, ['src/tools']).map((each) => ('dynamic' in each ? '' : `/${each.source}/${each.flags}`)),
  )
  for (const pattern of patterns) {
    const literal = `/${pattern}/${hintFlags}`
    const slow = found.has(literal) && recorded.has(literal) ? undefined : await slowTextFor(pattern, hintFlags)
    expect([pattern, slow]).toEqual([pattern, undefined])
  }
})

test.each([
  ['const planted = /(a+)+$/', 'exponential'],
  ['export const planted = text.replace(/\\r+\\n/g, "")', '2nd degree polynomial'],
  ['if (/^\\s*,?\\s*x/.test(text)) planted()', '2nd degree polynomial'],
  ['type X = { a: RegExp }; const planted: X = { a: /\\s+$/u }', '2nd degree polynomial'],
])('T43 a planted expression is found and refused: %s', async (text, growth) => {
  const [found, ...more] = regexesOf('src/planted.ts', `// one line before\n${text}\n`)
  expect(more).toEqual([])
  if (found === undefined || 'dynamic' in found) throw new Error('not found')
  expect(found.line).toBe(2)
  expect(await slowTextFor(found.source, found.flags)).toContain(`takes ${growth}`)
})

test.each(['^\\s*,?\\s*x', '\\s+$', 'a.*b.*c$', '(a+)+$'])(
  'T43 %s is refused where it is only tried out',
  async (planted) => {
    expect(await slowTextFor(planted, '', 'fuzz')).toContain('takes')
  },
)

test('T43 expressions that are made at run time are found', () => {
  const text = 'const a = new RegExp(x)\nconst b = RegExp(`${x}`)\nconst c = "/(a+)+$/"\n'
  expect(regexesOf('src/planted.ts', text)).toEqual([
    { file: 'src/planted.ts', line: 1, dynamic: true },
    { file: 'src/planted.ts', line: 1, dynamic: true },
  ])
})

test('T43 an expression that takes linear time is accepted', async () => {
  expect(await slowTextFor('^[a-z]+=(\\S*)$', '')).toBeUndefined()
})
