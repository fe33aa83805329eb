import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { readSealKey } from '#dev/demo/seal-key'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'retina-demo-key-'))
  mkdirSync(join(folder, 'redis'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('demos that keep their data keep their key, which nobody else reads', () => {
  const key = readSealKey(folder)
  expect(key).toMatch(/^[0-9a-f]{64}$/)
  expect(statSync(join(folder, 'seal-key')).mode & 0o777).toBe(0o600)
  mkdirSync(join(folder, 'redis'))
  expect(readSealKey(folder)).toBe(key)
  expect(existsSync(join(folder, 'redis'))).toBe(true)
})

test('data that an unknown key signed is deleted with the first key', () => {
  readSealKey(folder)
  expect(existsSync(join(folder, 'redis'))).toBe(false)
})
