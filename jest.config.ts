import './src/core/util/disable-background-compilers.js'
import { availableParallelism } from 'node:os'
import type { Config } from 'jest'
import { testFiles } from './test/jest/projects.ts'

const jsc = { parser: { syntax: 'typescript' }, target: 'es2024' }
const files = testFiles()

const project = (displayName: keyof typeof files) => ({
  displayName,
  runner: '<rootDir>/test/jest/runner.ts',
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
  // It ends what hangs. Longer than `waitUntil` and Playwright (90 s) wait: their errors name what didn't come.
  testTimeout: 300_000,
  // Most files wait for most of their time.
  maxWorkers: 2 * availableParallelism(),
  // ioredis holds a timer of 2 s after it disconnects, and a busy machine needs time to end a process.
  workerGracefulExitTimeout: 5_000,
  testSequencer: '<rootDir>/test/jest/sequencer.ts',
  projects: [
    project('unit'),
    project('flow'),
    { ...project('cluster'), ...onCluster },
    { ...project('alone'), ...onCluster },
  ],
}

export default config
