import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { onAbort } from '#core/util/on-abort'
import { projectFiles } from '#test/dev/project-files'

test('work is done once when the signal aborts, at once where it is aborted already, and not when it is forgotten', () => {
  const done: string[] = []
  const controller = new AbortController()
  onAbort(controller.signal, () => void done.push('kept'))
  onAbort(controller.signal, () => void done.push('forgotten'))()
  expect(done).toEqual([])
  controller.abort()
  controller.signal.dispatchEvent(new Event('abort'))
  expect(done).toEqual(['kept'])
  onAbort(controller.signal, () => void done.push('late'))()
  expect(done).toEqual(['kept', 'late'])
})

test('nothing else in the program listens for it: an event listener is not told of a signal that is aborted already', () => {
  const root = join(import.meta.dirname, '../../..')
  const files = projectFiles().filter((file) => /^(src|adapters)\/.*\.[jt]s$/.test(file))
  const listening = files.filter((file) =>
    /\.onabort\b|addEventListener\(\s*'abort'/.test(readFileSync(join(root, file), 'utf8')),
  )
  expect(listening).toEqual(['src/core/util/on-abort.ts'])
})
