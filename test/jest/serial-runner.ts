import { createRequire } from 'node:module'

// Loaded by `require`: as an ES module the package has other exports than its types declare.
const { default: Runner } = createRequire(import.meta.url)('jest-runner') as typeof import('jest-runner')

/** Jest's runner, for files that run one after the other after all others. */
class SerialRunner extends Runner {
  override readonly isSerial = true
}

// biome-ignore lint/style/noDefaultExport: Jest takes a runner's default export
export default SerialRunner
