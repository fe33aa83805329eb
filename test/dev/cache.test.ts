import { readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { cached, cacheRoot } from '#dev/machine/cache'
import { openOwnCache } from './own-cache.ts'

let cache: ReturnType<typeof openOwnCache>
beforeAll(() => {
  cache = openOwnCache()
})
afterAll(() => cache.remove())

test('a build that was killed is never used, and the next build of the same deletes what it left', async () => {
  const build = (folder: string) => Promise.resolve(writeFileSync(join(folder, 'half'), ''))
  const fails = (folder: string) => build(folder).then(() => Promise.reject(new Error('killed')))
  await expect(cached('thing', ['1'], fails)).rejects.toThrow('killed')
  const [left = ''] = readdirSync(cacheRoot())
  expect(left).toMatch(/\.part$/)
  renameSync(join(cacheRoot(), left), join(cacheRoot(), left.replace(`.${process.pid}.`, '.1.')))
  const folder = await cached('thing', ['1'], (target) => Promise.resolve(writeFileSync(join(target, 'whole'), '')))
  expect(readdirSync(folder)).toEqual(['whole'])
  expect(readdirSync(cacheRoot())).toHaveLength(1)
})
