import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import { promisify } from 'node:util'
import { afterEach, expect, test } from '@jest/globals'
import { closeServer, listenOnLoopback } from './listen.ts'
import { slackPeople } from './slack/send.ts'
import { type FakeSlack, startFakeSlack } from './slack/server.ts'

const program = `
import { spawn } from 'node:child_process'
import { processorClock } from './test/fakes/processor-clock.ts'
const busy = spawn('sh', ['-c', 'while :; do :; done'])
const from = [performance.now(), processorClock()]
const passed = () => [performance.now() - from[0], processorClock() - from[1]]
const isOver = () => { const [real, counted] = passed(); return real - counted > 100 || real > 20_000 }
while (!isOver());
busy.kill('SIGKILL')
console.log(JSON.stringify(passed()))`

test('time in which other processes have the processor doesn’t count', async () => {
  // One processor for both, so that each waits for the other.
  const args = ['-c', '0', process.execPath, '--input-type=module', '-e', program]
  const { stdout } = await promisify(execFile)('taskset', args, { timeout: 60_000 })
  const [real, counted] = JSON.parse(stdout) as [number, number]
  expect(real - counted).toBeGreaterThan(100)
  expect(counted).toBeGreaterThan(0)
})

const end: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const each of end.splice(0)) await each()
})

/** Opens a stand-in of Slack, and people whose requests are acknowledged after so many milliseconds, within 0.05 s. */
async function peopleAckedAfter(ms: number, slack: FakeSlack) {
  const server = createServer((_request, response) => void setTimeout(() => response.end(), ms))
  end.push(() => closeServer(server))
  const port = await listenOnLoopback(server)
  return slackPeople(slack, () => `http://127.0.0.1:${port}/`, 0.05)
}

test('an acknowledgement that the program delays is late', async () => {
  const slack = await startFakeSlack()
  end.push(() => slack.close())
  const people = await peopleAckedAfter(300, slack)
  await expect(people.command('U0BOB', 'help')).rejects.toThrow('Slack would have timed out: acknowledged after 0.')
})
