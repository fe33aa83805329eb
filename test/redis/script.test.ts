import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { redisScript, scriptText } from '#src/redis/script'

const root = join(import.meta.dirname, '../..')
const sources = readdirSync(join(root, 'src/redis'), { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
)
const calls = sources.flatMap((file) =>
  [
    ...readFileSync(join(root, 'src/redis', file), 'utf8').matchAll(
      /redisScript\(\s*redis,\s*'([a-z-]+)',\s*(\d+)\s*\)/g,
    ),
  ].map(([, name = '', keys = '']) => ({ name, keys: Number(keys) })),
)

test('each script is called, says what its keys are, and uses no key beyond their number', () => {
  const files = readdirSync(join(root, 'src/redis/scripts')).map((file) => file.replace(/\.lua$/, ''))
  expect(calls.map(({ name }) => name).toSorted()).toEqual(files.filter((name) => name !== 'slots').toSorted())
  for (const { name, keys } of calls) {
    const text = scriptText(name)
    const used = [...text.matchAll(/KEYS\[(\d)\]/g)].map(([, number]) => Number(number))
    expect([name, text.includes('-- include'), Math.max(0, ...used) <= keys]).toEqual([name, false, true])
    if (keys > 0) expect(text).toMatch(/^-- [\s\S]*KEYS: /)
  }
})

test('no Lua stands inside TypeScript', () => {
  for (const file of sources)
    expect(readFileSync(join(root, 'src/redis', file), 'utf8')).not.toMatch(/redis\.(call|eval)\(/)
})

test('a script that does not exist is a mistake at once', () => {
  expect(() => redisScript({ defineCommand: () => undefined }, 'no-such-script', 1)).toThrow('no-such-script')
})
