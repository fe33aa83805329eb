import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { openCleanup, useTemporaryFolder } from '#dev/machine/cleanup'

// Runs Jest with this process's arguments; everything that the tests start is ended with it, however it ends.

const root = join(import.meta.dirname, '../..')
const cleanup = await openCleanup()
useTemporaryFolder(cleanup)
const nodeArgs = ['--experimental-vm-modules', '--no-warnings', join(root, 'node_modules/jest/bin/jest.js')]
const jest = spawn(process.execPath, [...nodeArgs, '--forceExit', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
// Jest receives Ctrl-C too, and exits; this process waits for that.
process.on('SIGINT', () => undefined)
process.exitCode = await new Promise<number>((resolve) => jest.once('close', (code) => resolve(code ?? 1)))
await cleanup.close()
