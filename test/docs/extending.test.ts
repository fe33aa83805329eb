import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { applyPatch, type Example, examplesIn } from './examples.ts'

// Applies the worked examples of docs/extending.md to a copy of the tree, and uses them there.

const root = join(import.meta.dirname, '../..')
const examples = examplesIn(readFileSync(join(root, 'docs/extending.md'), 'utf8'))
const copy = realpathSync(mkdtempSync(join(tmpdir(), 'retina-extending-')))
const temporary = `${copy}.tmp`
const timeoutMs = 300_000

/** Files of the product that an example changes beside its own folder; tests and documents are counted elsewhere. */
const productFiles = ({ files }: Example) =>
  files.map(({ file }) => file).filter((file) => !/^(test|docs|adapters)\//.test(file))

beforeAll(() => {
  const left = [join(root, 'node_modules'), join(root, '.git')]
  cpSync(root, copy, { recursive: true, filter: (from) => !left.includes(from) })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  mkdirSync(temporary)
  for (const { file, text, isNew } of examples.flatMap(({ files }) => files)) {
    const path = join(copy, file)
    if (existsSync(path) === isNew) throw new Error(`${file} ${isNew ? 'exists already' : 'does not exist'}`)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, isNew ? text : applyPatch(file, readFileSync(path, 'utf8'), text))
  }
}, timeoutMs)
afterAll(() => {
  for (const folder of [copy, temporary]) rmSync(folder, { recursive: true, force: true })
})

function run(program: string, args: readonly string[]): { status: number | null; output: string } {
  const path = `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`
  const env = { ...process.env, PATH: path, TMPDIR: temporary }
  const { status, stdout, stderr } = spawnSync(program, args, {
    ...{ cwd: copy, env, encoding: 'utf8', maxBuffer: 100_000_000, timeout: timeoutMs },
  })
  return { status, output: `${stdout}${stderr}` }
}

test('each example touches few files', () => {
  expect(Object.fromEntries(examples.map((each) => [each.title, productFiles(each).length]))).toEqual({
    'A tool': 2,
    'A word that answers': 3,
    'A word with a button': 4,
    'A chat adapter': 3,
  })
})

test('a patch whose place is missing, or there twice, is refused', () => {
  expect(applyPatch('x.ts', 'a\nb\nc\n', ' a\n-b\n+d\n c\n@@\n c\n+e\n')).toBe('a\nd\nc\ne\n')
  expect(() => applyPatch('x.ts', 'a\nb\n', ' ab\n+c\n')).toThrow('x.ts: these lines occur 0 times')
  expect(() => applyPatch('x.ts', 'a\nb\na\n', ' a\n+c\n')).toThrow('x.ts: these lines occur 2 times')
})

test(
  'with all examples, the checks of the tree pass',
  () => {
    const { status, output } = run('npm', ['run', '--silent', 'check'])
    expect(status === 0 ? '' : `${status}\n${output}`).toBe('')
  },
  timeoutMs,
)

test(
  'with all examples, their tests pass, which use them in the whole program',
  () => {
    const files = examples
      .flatMap((each) => each.files.map(({ file }) => file))
      .filter((file) => file.endsWith('.test.ts'))
    const jest = ['--experimental-vm-modules', '--no-warnings', join(root, 'node_modules/jest/bin/jest.js')]
    const options = ['--silent', '--forceExit', '--maxWorkers=2', `--cacheDirectory=${join(temporary, 'jest')}`]
    const { status, output } = run(process.execPath, [
      ...jest,
      ...options,
      '--runTestsByPath',
      ...files,
      'test/tools/table.test.ts',
    ])
    expect(status === 0 ? '' : `${status}\n${output}`).toBe('')
    for (const file of files) expect(output).toContain(`PASS flow ${file}`)
  },
  timeoutMs,
)

test(
  'what an example forgets in a table does not compile',
  () => {
    const tables = ['src/bot/handlers/handler-by-word.ts', 'src/config/chats.ts', 'src/app/chat-adapters.ts']
    for (const file of tables) cpSync(join(root, file), join(copy, file))
    const { output } = run('tsc', [])
    expect(tables.filter((file) => !output.includes(`${file}(`))).toEqual([])
  },
  timeoutMs,
)
