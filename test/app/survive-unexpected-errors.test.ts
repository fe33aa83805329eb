import { fork } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { countUnexpectedErrors } from '#src/app/survive-unexpected-errors'
import { silentLog } from '#test/samples/run'

function open() {
  const logs: Record<string, unknown>[] = []
  let now = 0
  const log = { ...silentLog, error: (fields: object) => void logs.push(fields as Record<string, unknown>) }
  const errors = countUnexpectedErrors(log, () => now)
  return {
    ...errors,
    logs,
    later: (minutes: number) => {
      now += minutes * 60_000
    },
  }
}

test('T42 five errors within ten minutes are survived; with a sixth the process wants to be restarted', () => {
  const { caught, problem, logs } = open()
  for (let time = 1; time <= 5; time += 1) caught(new Error('planted'))
  expect(problem()).toBeUndefined()
  caught(new Error('planted'))
  expect(problem()).toBe('6 unexpected errors in 10 minutes')
  expect(logs.map(({ count }) => count)).toEqual([1, 2, 3, 4, 5, 6])
  expect(logs[0]).toMatchObject({
    error: 'Error: planted',
    stack: expect.arrayContaining([expect.stringContaining('at ')]),
  })
})

test('T42 errors of long ago don’t count', () => {
  const { caught, problem, later } = open()
  for (let hour = 0; hour < 50; hour += 1) {
    caught(new Error('planted'))
    expect(problem()).toBeUndefined()
    later(60)
  }
})

test('T42 errors without end fill no log', () => {
  const { caught, problem, logs } = open()
  for (let time = 0; time < 10_000; time += 1) caught(new Error('planted'))
  expect(logs.length).toBeLessThan(60)
  expect(problem()).toBeDefined()
})

test('T39 the text that a parser quotes, and what is no error, are not logged', () => {
  const { caught, logs } = open()
  try {
    JSON.parse('{"secret-one')
  } catch (error) {
    caught(error)
  }
  caught('secret-two')
  caught({ secret: 'three' })
  expect(logs.map(({ error }) => error)).toEqual(['SyntaxError', 'string', 'object'])
  expect(JSON.stringify(logs)).not.toContain('secret-')
})

test('T42 a process survives what nothing caught, and says so by its health', async () => {
  const child = fork(join(import.meta.dirname, 'unstable-program.ts'), { execArgv: ['--no-warnings'], silent: true })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const states: unknown[] = []
  child.on('message', (state) => states.push(state))
  expect(await ended).toBe(0)
  expect(states).toEqual([
    { errors: 2, status: 200 },
    { errors: 6, status: 503 },
  ])
})
