import { afterEach, expect, test } from '@jest/globals'
import { cliHere } from '#test/cli/run-cli'
import { useRedis } from '#test/environment/redis'
import { faults } from './faults.ts'
import { openWorld, type World } from './world.ts'

const redis = useRedis()

let world: World | undefined
afterEach(async () => {
  await world?.close()
  world = undefined
})

type Finding = { check: string; state: string; message: string; mend?: string }

async function runDoctor({ write, env }: World, ...flags: string[]) {
  const ended = await cliHere(['doctor', '-o', 'json', '--config', write(), ...flags], env)
  const { ok, checks } = JSON.parse(ended.stdout || '{"checks":[]}') as { ok?: boolean; checks: Finding[] }
  return { ...ended, ok, checks, failed: checks.filter(({ state }) => state === 'failed') }
}

test('nothing fails where nothing is missing', async () => {
  world = await openWorld(redis.url())
  const { code, ok, failed, stderr } = await runDoctor(world)
  expect({ code, ok, failed, stderr }).toEqual({ code: 0, ok: true, failed: [], stderr: '' })
})

test.each(faults)('$name: $check fails, and its mending command is named', async ({ plant, check, says, mend }) => {
  world = await openWorld(redis.url())
  await plant(world)
  const { code, ok, failed } = await runDoctor(world)
  const found = failed.find((each) => each.check === check)
  expect(found).toMatchObject({ message: expect.stringMatching(says), mend: expect.stringMatching(mend) })
  expect({ code, ok }).toEqual({ code: 1, ok: false })
})
