import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
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

/** Watches the file as somebody who has loaded `first` from it. */
function watch(first: string) {
  const said: string[] = []
  const note = (_fields: object, message: string) => void said.push(message)
  const log = { debug: note, info: note, warn: note, error: note }
  const load = () => {
    const text = readFileSync(file, 'utf8')
    return text === 'wrong' ? { wrong: ['it is wrong'] } : { ok: text }
  }
  let changes = 0
  const watched = watchFileContent(file, first, load, { log, policyIntervalMs: 20 }, () => {
    changes += 1
  })
  closing.push(watched.close)
  return { ...watched, said, changes: () => changes }
}

test('a change between its loading and the first look is seen; a file that stayed as it was is not read anew', async () => {
  writeFileSync(file, 'second')
  const late = watch('first')
  await waitUntil('the change is seen', () => late.current() === 'second')
  expect([late.changes(), late.said]).toEqual([1, ['policy file reloaded']])
  const same = watch('second')
  // By then both have looked, and the one that had nothing to see has said nothing.
  writeFileSync(file, 'the third')
  await waitUntil('both have the third', () => [late, same].every((each) => each.current() === 'the third'))
  expect([late.changes(), same.changes()]).toEqual([2, 1])
})

test('a wrong version leaves the last good one in force; one that is put in its place by a rename is taken', async () => {
  writeFileSync(file, 'good')
  const watched = watch('good')
  writeFileSync(file, 'wrong')
  await waitUntil('it is said', () => watched.said.some((line) => line.includes('the last valid one stays in effect')))
  expect(watched.current()).toBe('good')
  writeFileSync(`${file}.new`, 'better')
  renameSync(`${file}.new`, file)
  await waitUntil('it is taken', () => watched.current() === 'better')
  expect(watched.changes()).toBe(1)
})
