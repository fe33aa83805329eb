import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { openCleanup } from '#dev/machine/cleanup'

// Runs Jest with the words that it is given; what the tests start ends with it, however it ends.

const root = join(import.meta.dirname, '../..')
const cleanup = await openCleanup()
const words = ['--experimental-vm-modules', '--no-warnings', join(root, 'node_modules/jest/bin/jest.js')]
const jest = spawn(process.execPath, [...words, '--forceExit', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
// A Ctrl-C is for Jest too, which then ends.
process.on('SIGINT', () => undefined)
process.exitCode = await new Promise<number>((resolve) => jest.once('close', (code) => resolve(code ?? 1)))
await cleanup.close()
