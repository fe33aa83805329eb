import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { completeLockfile } from '#dev/machine/lockfile'

const text = readFileSync(join(import.meta.dirname, '../../package-lock.json'), 'utf8')

test('the lockfile names no machine’s registry, and every platform’s programs', () => {
  expect(text).not.toMatch(/"resolved"|\.tgz/)
  expect(completeLockfile(JSON.parse(text))).toEqual([])
})

test('T41 what is installed in production is proven by its integrity', () => {
  const { packages } = JSON.parse(text) as {
    packages: Record<string, { dev?: boolean; optional?: boolean; integrity?: string }>
  }
  const unproven = Object.entries(packages).filter(
    ([name, entry]) => name !== '' && !entry.integrity && !entry.optional,
  )
  expect(unproven).toEqual([])
})

test('a platform’s program that is missing is added, for its own platform only', () => {
  const optionalDependencies = { '@x/cli-darwin-arm64': '1.2.3', '@x/cli-linux-x64-musl': '1.2.3', other: '1.0.0' }
  const lockfile = { packages: { 'node_modules/@x/cli': { dev: true, optionalDependencies } } }
  expect(completeLockfile(lockfile)).toEqual(['@x/cli-darwin-arm64', '@x/cli-linux-x64-musl'])
  expect(lockfile.packages).toMatchObject({
    'node_modules/@x/cli-linux-x64-musl': {
      version: '1.2.3',
      os: ['linux'],
      cpu: ['x64'],
      libc: ['musl'],
      dev: true,
      optional: true,
    },
  })
})
