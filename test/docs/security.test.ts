import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from '@jest/globals'

const root = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')

type Row = { numbers: readonly string[]; places: readonly string[]; tests: readonly string[] }

/** Rows of the table of threats: the files that have the control, and the tests, as they are written. */
const rows: readonly Row[] = [...read('docs/security.md').matchAll(/^\| (T\d\d(?:, T\d\d)*) \|.*\|$/gm)].map(
  ([line, number = '']) => {
    const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim())
    const [where = '', tests = ''] = cells.slice(-3, -1)
    const quoted = (cell: string) => [...cell.matchAll(/`([^`\s]+)`/g)].map(([, text = '']) => text)
    return {
      numbers: number.split(', '),
      places: quoted(where),
      tests: quoted(tests).filter((text) => text.includes('/')),
    }
  },
)

/** Returns the places as paths from the root: a bare name is in the folder of the one before. */
function pathsOf(places: readonly string[]): string[] {
  let folder = ''
  return places.map((place) => {
    const path = place.includes('/') ? place : join(folder, place)
    folder = path.endsWith('/') ? path : dirname(path)
    return path
  })
}

/** Returns the files of a cited test: `flow/slack`, `contract/cluster`, or a folder. */
function filesOf(cited: string): string[] {
  const path = join('test', cited)
  const file = [`${path}.test.ts`, `${path}.ts`].find((each) => existsSync(join(root, each)))
  if (file !== undefined) return [file]
  if (!existsSync(join(root, path)) || !statSync(join(root, path)).isDirectory()) return []
  return readdirSync(join(root, path), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(path, name))
}

test('every file that a threat names is there', () => {
  expect(rows.length).toBeGreaterThan(50)
  const missing = rows.flatMap(({ numbers, places }) =>
    pathsOf(places)
      .filter((path) => !existsSync(join(root, path)))
      .map((path) => `${numbers}: ${path}`),
  )
  expect(missing).toEqual([])
})

test('every test that a threat names is there, and bears its number', () => {
  const wrong = rows.flatMap(({ numbers, tests }) =>
    tests
      .filter((cited) => !filesOf(cited).some((file) => new RegExp(`\\b(${numbers.join('|')})\\b`).test(read(file))))
      .map((cited) => `${numbers}: ${cited}`),
  )
  expect(wrong).toEqual([])
  expect(rows.filter(({ tests }) => tests.length === 0)).toEqual([])
})

test('every threat that a test names is in the table', () => {
  const known = new Set(rows.flatMap(({ numbers }) => numbers))
  const unknown = filesOf('')
    .filter((file) => file.endsWith('.test.ts'))
    .flatMap((file) =>
      [...read(file).matchAll(/\btest(?:\.each\([\s\S]*?\))?\(\s*['"`](?:T\d\d )*(T\d\d) /g)].map(
        ([, number = '']) => ({
          file,
          number,
        }),
      ),
    )
    .filter(({ number }) => !known.has(number))
  expect(unknown).toEqual([])
})
