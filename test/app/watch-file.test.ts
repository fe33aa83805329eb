import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { watchFileContent } from '#src/app/watch-file'
import { waitUntil } from '#test/flow/wait-for'

let folder = ''
let file = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'retina-policy-'))
  file = join(folder, 'policy')
})
const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
  rmSync(folder, { recursive: true, force: true })
})

/** Watches the file for a caller that has loaded `first` from it. */
function watch(first: string) {
  const messages: string[] = []
  const record = (_fields: object, message: string) => void messages.push(message)
  const log = { debug: record, info: record, warn: record, error: record }
  const load = () => {
    const text = readFileSync(file, 'utf8')
    return text === 'wrong' ? { wrong: ['it is wrong'] } : { ok: text }
  }
  let changes = 0
  const watched = watchFileContent(file, first, load, { log, policyIntervalMs: 20 }, () => {
    changes += 1
  })
  closing.push(watched.close)
  return { ...watched, messages, changes: () => changes }
}

test('a change between loading and the first check is noticed; an unchanged file isn’t read again', async () => {
  writeFileSync(file, 'second')
  const late = watch('first')
  await waitUntil('the change is seen', () => late.current() === 'second')
  expect([late.changes(), late.messages]).toEqual([1, ['policy file reloaded']])
  const same = watch('second')
  // Both have checked the file by then, and the one without a change hasn't reported any.
  writeFileSync(file, 'the third')
  await waitUntil('both have the third', () => [late, same].every((each) => each.current() === 'the third'))
  expect([late.changes(), same.changes()]).toEqual([2, 1])
})

test('a change of a further file, also one that was not there before, counts as a change', async () => {
  writeFileSync(file, 'first')
  const beside = join(folder, 'beside')
  let reloads = 0
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
  const load = () => {
    reloads += 1
    return { ok: `${readFileSync(file, 'utf8')} ${existsSync(beside) ? readFileSync(beside, 'utf8') : ''}` }
  }
  const also = () => (existsSync(beside) ? [beside] : [])
  const watched = watchFileContent(file, 'first ', load, { log, policyIntervalMs: 20, also }, () => {})
  closing.push(watched.close)
  await waitUntil('it was looked at', () => reloads === 1)
  writeFileSync(beside, 'one')
  await waitUntil('the new file is seen', () => watched.current() === 'first one')
  writeFileSync(beside, 'another')
  await waitUntil('its change is seen', () => watched.current() === 'first another')
})

test('an invalid version leaves the last valid one in force; a version that is renamed into place is loaded', async () => {
  writeFileSync(file, 'good')
  const watched = watch('good')
  writeFileSync(file, 'wrong')
  await waitUntil('the invalid version is logged', () =>
    watched.messages.some((line) => line.includes('the last valid one stays in effect')),
  )
  expect(watched.current()).toBe('good')
  writeFileSync(`${file}.new`, 'better')
  renameSync(`${file}.new`, file)
  await waitUntil('the new version is loaded', () => watched.current() === 'better')
  expect(watched.changes()).toBe(1)
})
