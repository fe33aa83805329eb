import { createRequire } from 'node:module'

// By `require`: as an ES module the package has other exports than its types say.
const { default: Runner } = createRequire(import.meta.url)('jest-runner') as typeof import('jest-runner')

/** Jest's own runner, for files that run one after the other when all others have ended. */
class SerialRunner extends Runner {
  override readonly isSerial = true
}

// biome-ignore lint/style/noDefaultExport: Jest takes a runner's default export
export default SerialRunner
