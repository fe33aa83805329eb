import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { useRedis } from '#test/environment/redis'
import { home } from '#test/fakes/entra/state'
import { signingSecret } from '#test/fakes/slack/state'
import { waitUntil } from '#test/flow/wait-for'
import { exchange, wrongWith } from './exchange.ts'
import { type HostilePayload, hostilePayloads } from './hostile-payloads.ts'
import { hostileRequests, request } from './hostile-requests.ts'
import { ordinaryRequests } from './ordinary-requests.ts'
import { openServices, type ServedProgram, type Services, startProgram } from './served-program.ts'

const redis = useRedis()
let services: Services | undefined
let program: ServedProgram | undefined

const running = async (): Promise<ServedProgram> => {
  services ??= await openServices()
  if (program?.isAlive() !== true) program = await startProgram(redis.url(), services)
  return program
}

beforeAll(running)
// A case that ended the program fails by itself; the next one begins with another program.
beforeEach(running)
afterAll(async () => {
  program?.kill()
  await services?.close()
})

/** An ordinary request to each listener that has to be answered after every case. */
async function expectAlive(one: ServedProgram): Promise<void> {
  for (const [port, line] of [
    [one.ports.webhooks, 'GET /runs/page.js'],
    [one.ports['web-chat'], 'GET /'],
    [one.ports.health, 'GET /healthz'],
  ] as const) {
    // A program that gets no processor for a while gives up the request by its short limits (408): it may be asked again.
    await waitUntil(`an answer to ${line}`, async () => {
      const [status] = (await exchange(port, [request(line)])).statuses
      if (status === 408) return false
      expect([line, status]).toEqual([line, 200])
      return true
    })
  }
  expect(one.isAlive()).toBe(true)
  expect(one.stderr()).not.toContain('unexpected error')
}

test.each([...hostileRequests, ...ordinaryRequests].map((each) => [each.name, each] as const))(
  'T42 %s',
  async (_name, { to, steps, verdict }) => {
    const one = await running()
    const exchanged = await exchange(one.ports[to], steps)
    expect(wrongWith(exchanged, verdict)).toBeUndefined()
    await expectAlive(one)
  },
)

/** Bytes of a payload, signed as its platform signs. */
function signed({ as, body }: HostilePayload, { teams }: Services): string {
  if (as === 'teams') {
    const text = body.replaceAll('$SERVICE', teams.url).replaceAll('$TENANT', home)
    return sent('/teams/messages', 'application/json', text, [`Authorization: Bearer ${teams.sign()}`])
  }
  const type = as === 'slack-form' ? 'application/x-www-form-urlencoded' : 'application/json'
  const timestamp = String(Math.floor(Date.now() / 1_000))
  const signature = createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`).digest('hex')
  return sent('/slack/events', type, body, [
    `X-Slack-Request-Timestamp: ${timestamp}`,
    `X-Slack-Signature: v0=${signature}`,
  ])
}

function sent(path: string, type: string, body: string, headers: readonly string[]): string {
  const length = Buffer.byteLength(body)
  return request(`POST ${path}`, [`Content-Type: ${type}`, `Content-Length: ${length}`, ...headers], body)
}

test.each(hostilePayloads.map((each) => [each.name, each] as const))('T42 signed: %s', async (_name, payload) => {
  const one = await running()
  const exchanged = await exchange(one.ports.webhooks, [signed(payload, services ?? (await openServices()))])
  expect(wrongWith(exchanged, payload.verdict)).toBeUndefined()
  await expectAlive(one)
})

test.each(['bot', 'worker', 'all'] as const)(
  'T42 role %s: every listener outlives what it cannot read',
  async (role) => {
    const one = await startProgram(redis.url(), services ?? (await openServices()), role)
    try {
      for (const port of Object.values(one.ports)) {
        for (const line of ['GET //', 'GET http://[', 'OPTIONS *']) {
          const exchanged = await exchange(port, [request(line)])
          expect(wrongWith(exchanged, 'refused')).toBeUndefined()
        }
      }
      const health = await exchange(one.ports.health, [request('GET /healthz')])
      expect(health.statuses).toEqual([200])
      expect(one.isAlive()).toBe(true)
    } finally {
      one.kill()
    }
  },
)
