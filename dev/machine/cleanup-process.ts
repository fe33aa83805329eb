import '../../src/core/util/disable-background-compilers.js'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { down, isUp, removeLabelledNamespaces } from '#dev/dev-cluster/cluster'
import { cleanupLabel, cleanupVariable } from './cleanup.ts'
import { lock } from './lock.ts'

// Cleans up after the process that started it (see `openCleanup`), as soon as its standard input is closed. Arguments: the cleanup's id
// and, if the process uses the development cluster, the name that it is shown to others by.

const [id = '', user] = process.argv.slice(2)
const folders: string[] = []

// Ctrl-C in the terminal is handled by the process that started this one.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => undefined)

const lines = createInterface({ input: process.stdin })
lines.on('line', (line) => {
  folders.push(JSON.parse(line) as string)
})
const closed = new Promise<void>((resolve) => lines.once('close', () => resolve()))

const locked = user === undefined ? undefined : lock('dev-cluster', user)
const first = await Promise.race([closed.then(() => 'closed' as const), locked])
if (first === 'closed') process.exit(0)
const wasUp = user !== undefined && isUp()
// The process that started this one may have ended by now.
process.stdout.on('error', () => undefined)
process.stdout.write('ready\n')
await closed
await endProcesses()
if (wasUp) await removeLabelledNamespaces(`${cleanupLabel}=${id}`)
else if (user !== undefined) await down()
for (const folder of folders) rmSync(folder, { recursive: true, force: true })
await (await locked)?.release()

/** Kills every process with the cleanup's id in its environment, repeatedly until there is none: one may have started another meanwhile. */
async function endProcesses(): Promise<void> {
  for (let found = ownProcesses(); found.length > 0; found = ownProcesses()) {
    for (const pid of found) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has just ended.
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function ownProcesses(): number[] {
  const variable = `${cleanupVariable}=${id}`
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        // Environment that the process was started with; a zombie has none.
        return readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').includes(variable)
      } catch {
        return false
      }
    })
    .map(Number)
}
