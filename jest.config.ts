import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Config } from 'jest'
import { cacheRoot } from './dev/machine/cache.ts'
import { testFiles } from './test/jest/projects.ts'

const jsc = { parser: { syntax: 'typescript' }, target: 'es2024' }
const files = testFiles()

const project = (displayName: keyof typeof files) => ({
  displayName,
  testEnvironment: '<rootDir>/test/jest/environment.ts',
  testMatch: files[displayName].map((file) => `<rootDir>/${file}`),
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc, module: { type: 'es6' } }] as [string, object] },
})

const onCluster = {
  globalSetup: '<rootDir>/test/environment/global-setup.ts',
  globalTeardown: '<rootDir>/test/environment/global-teardown.ts',
}

const config: Config = {
  // Compiled sources, and how long each file took the last time.
  cacheDirectory: join(cacheRoot(), 'jest'),
  testTimeout: 20_000,
  // Most files wait for most of their time.
  maxWorkers: 2 * availableParallelism(),
  testSequencer: '<rootDir>/test/jest/sequencer.ts',
  projects: [
    project('unit'),
    project('flow'),
    { ...project('cluster'), ...onCluster },
    { ...project('alone'), ...onCluster, runner: '<rootDir>/test/jest/serial-runner.ts' },
  ],
}

export default config
