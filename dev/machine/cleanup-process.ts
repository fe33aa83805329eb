import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { down, isUp, removeLabelled } from '#dev/dev-cluster/cluster'
import { cleanupLabel, cleanupVariable } from './cleanup.ts'
import { lock } from './lock.ts'

// Cleans up after the process that started it (see `openCleanup`), as soon as that closes its end of standard input. Words: the cleanup's
// id, and who uses the dev cluster, where it does.

const [id = '', user] = process.argv.slice(2)
const folders: string[] = []

// A Ctrl-C in the terminal is for the process that started this one.
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
// Who started this may be gone by now.
process.stdout.on('error', () => undefined)
process.stdout.write('ready\n')
await closed
await endProcesses()
if (wasUp) await removeLabelled(`${cleanupLabel}=${id}`)
else if (user !== undefined) await down()
for (const folder of folders) rmSync(folder, { recursive: true, force: true })
await (await locked)?.release()

/** Ends every process whose environment bears the id, until there is none: one of them may have started another meanwhile. */
async function endProcesses(): Promise<void> {
  for (let found = ofThisCleanup(); found.length > 0; found = ofThisCleanup()) {
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

function ofThisCleanup(): number[] {
  const bears = `${cleanupVariable}=${id}`
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        // What the process was started with; a zombie has none.
        return readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').includes(bears)
      } catch {
        return false
      }
    })
    .map(Number)
}
