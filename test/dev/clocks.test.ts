import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

const root = join(import.meta.dirname, '../..')

/** Where the wall clock is right: it is compared with times that others wrote, or is the first guess of Redis' time. */
const allowed = [
  ...['src/redis/clock.ts', 'src/redis/queue/run-queue.ts', 'src/kubernetes/workload/reap.ts'],
  ...['src/redis/doctor.ts', 'src/kubernetes/doctor/cluster.ts'],
]

test('pauses, cache ages and time limits go by the monotonic clock, which nobody sets', () => {
  const files = ['src', 'adapters'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name}`),
  )
  expect(files.length).toBeGreaterThan(200)
  const byWallClock = files.filter((file) => /\bDate\.now\b/.test(readFileSync(join(root, file), 'utf8')))
  expect(byWallClock.toSorted()).toEqual(allowed.toSorted())
})
