import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { testFiles } from '#test/jest/projects'

const root = join(import.meta.dirname, '../..')
const folders = ['bot/approvals', 'bot/handlers', 'bot/inbox', 'bot/runs', 'bot/shell']
const workers = ['worker/fan-out', 'worker/jobs', 'worker/runs', 'worker/sessions']

/** Files of types only, and the table whose handlers have tests of their own. */
const without = ['bot/approvals/review-types', 'bot/handlers/handler-by-word']

test('each handler and each job has a unit test at its path below test/: openContexts() of test/samples/contexts.ts', () => {
  const unit = new Set(testFiles().unit)
  const sources = [...folders, ...workers].flatMap((folder) =>
    readdirSync(join(root, 'src', folder)).map((file) => `${folder}/${file.replace(/\.ts$/, '')}`),
  )
  const missing = sources.filter((source) => !without.includes(source) && !unit.has(`test/${source}.test.ts`))
  expect(missing).toEqual([])
})
