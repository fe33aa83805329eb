import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { expect, test } from '@jest/globals'
import { firstPort, freePort, lastPort } from '#dev/machine/free-port'

test('free ports differ, are none that the kernel gives away, and leave out those in use', async () => {
  const one = await freePort()
  const taken = one === lastPort ? firstPort : one + 1
  const server = createServer()
  // Another process may have it: in use it is either way.
  await new Promise<void>((resolve) => server.once('error', () => resolve()).listen(taken, '127.0.0.1', resolve))
  try {
    const more = [await freePort(), await freePort(), await freePort()]
    expect(new Set([one, taken, ...more]).size).toBe(5)
    for (const port of [one, ...more]) {
      expect(port).toBeGreaterThanOrEqual(firstPort)
      expect(port).toBeLessThanOrEqual(lastPort)
      expect(port).toBeLessThan(30_000)
    }
  } finally {
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }
})

test('a port that another running process has reserved is left out, also before that process listens on it', async () => {
  const one = await freePort()
  const [reserved, left] = [1, 2].map((more) => firstPort + ((one - firstPort + more) % (lastPort - firstPort + 1)))
  const folder = '/tmp/retina-chatops-ports'
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}/${reserved}`, String(process.ppid))
  // No process has this id: Linux' largest is 4,194,304.
  writeFileSync(`${folder}/${left}`, '99999999')
  expect(await freePort()).toBe(left)
  rmSync(`${folder}/${reserved}`)
})
