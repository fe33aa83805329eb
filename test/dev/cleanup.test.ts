import { spawn } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { lockNow } from '#dev/machine/lock'
import { waitUntil } from '#test/flow/wait-for'
import { isAlive, killAfterTest, killPrograms, machine, program, startProgram } from './program.ts'

afterEach(killPrograms)

/** Starts a process in a group of its own, which starts another one, and a folder; prints the folder and the first one's id. */
const starter = (end: string) => `
  import { spawn } from 'node:child_process'
  import { mkdtempSync } from 'node:fs'
  const own = await cleanup.openCleanup()
  const folder = mkdtempSync('${join(tmpdir(), 'retina-left-')}')
  own.addFolder(folder)
  const child = spawn('sh', ['-c', 'sleep 300 & sleep 300'], { detached: true, stdio: 'ignore' })
  child.unref()
  ${end}
  console.log(folder + ' ' + child.pid)
  setInterval(() => undefined, 1000)`

test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
  'a program that is ended by %s leaves no process and no folder behind',
  async (signal) => {
    const { child, line } = await program(starter(''))
    const [folder = '', pid = ''] = line.split(' ')
    expect([existsSync(folder), isAlive(Number(pid))]).toEqual([true, true])
    child.kill(signal)
    await waitUntil('its processes have ended', () => !isAlive(Number(pid)))
    await waitUntil('its folder is gone', () => !existsSync(folder))
  },
)

test('a cleanup that is closed has cleaned up, and its program goes on', async () => {
  const { child, line } = await program(starter('await own.close()'))
  const [folder = '', pid = ''] = line.split(' ')
  expect([existsSync(folder), isAlive(Number(pid))]).toEqual([false, false])
  expect(child.exitCode).toBeNull()
})

test('a lock has one holder at a time; the next one says whom it waits for, and gets it when that is killed', async () => {
  const name = `test-${process.pid}`
  const locks = (user: string) => `
    await lock.lock('${name}', '${user}')
    console.log('locked')
    setInterval(() => undefined, 1000)`
  const first = await program(locks('the first one'))
  const { out, said } = startProgram(`
    await lock.lock('${name}', 'the second one')
    console.log('locked')
    process.exit()`)
  await waitUntil('it says whom it waits for', () =>
    said().includes(`waiting: the first one (process ${first.child.pid}) uses`),
  )
  expect(out()).toBe('')
  await expect(lockNow(name, 'a third one')).rejects.toThrow(
    `the first one (process ${first.child.pid}) uses the ${name}: end it first`,
  )
  first.child.kill('SIGKILL')
  await waitUntil('it has the lock', () => out() === 'locked\n')
  rmSync(`/tmp/retina-chatops-${name}.lock`)
})

test('a program that npm started ends when the shell between them is killed', async () => {
  const script = `import * as cleanup from '${machine}/cleanup.ts'\nawait cleanup.openCleanup()\nconsole.log(process.pid)\nsetInterval(() => undefined, 1000)`
  // The shell waits for the program, as npm's does, and has its process id in its own output.
  const command = `"${process.execPath}" --no-warnings --input-type=module --eval "$SCRIPT" & wait`
  const shell = spawn('sh', ['-c', command], {
    env: { ...process.env, SCRIPT: script, npm_lifecycle_event: 'test' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  killAfterTest(shell)
  let out = ''
  shell.stdout.setEncoding('utf8').on('data', (part: string) => {
    out += part
  })
  await waitUntil('the program has started', () => out.includes('\n'))
  const pid = Number(out)
  expect(existsSync(`/proc/${pid}`)).toBe(true)
  shell.kill('SIGTERM')
  await waitUntil('the program has ended', () => !existsSync(`/proc/${pid}`))
})
