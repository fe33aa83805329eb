import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals'
import { type FakeRegistry, startFakeRegistry } from '#test/fakes/registry/server'

/** Provides a fake registry for each test, and a Docker configuration file that is the default one during the tests. */
export function useRegistry(): { registry: () => FakeRegistry; file: string; credentials: (auths: object) => void } {
  const folder = mkdtempSync(join(tmpdir(), 'retina-registry-'))
  const file = join(folder, 'config.json')
  const before = process.env['DOCKER_CONFIG']
  let registry: FakeRegistry | undefined
  beforeAll(() => {
    process.env['DOCKER_CONFIG'] = folder
  })
  afterAll(() => {
    if (before === undefined) delete process.env['DOCKER_CONFIG']
    else process.env['DOCKER_CONFIG'] = before
    rmSync(folder, { recursive: true, force: true })
  })
  beforeEach(async () => {
    registry = await startFakeRegistry()
  })
  afterEach(async () => {
    await registry?.close()
    rmSync(file, { force: true })
  })
  return {
    registry() {
      if (registry === undefined) throw new Error('the registry is not up')
      return registry
    },
    file,
    credentials: (auths) => writeFileSync(file, JSON.stringify({ auths })),
  }
}
