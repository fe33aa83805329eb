import { expect, test } from '@jest/globals'
import { verified } from '#core/ports/store'
import { createInterimResults } from '#src/worker/runs/interim-check-results'
import { waitUntil } from '#test/flow/wait-for'
import { openTriages } from '#test/samples/triage'

/** Opens contexts with the run of a triage of node001, and what its commands have written so far. */
async function openRunning() {
  const all = openTriages({ timing: { interimResultsMs: 1 } })
  await all.say('alice', 'triage node001 node-network', { id: 't1' })
  const [id = ''] = verified(await all.store.getValue('fan-out', 't1'))?.members.map(({ run }) => run) ?? []
  const run = await all.saved(id)
  const at = (...argv: string[]) => run.spec.pipeline.findIndex((each) => each.join(' ') === argv.join(' '))
  const route = at('ip', 'route', 'get', '1.1.1.1')
  const state = { text: '' }
  let looks = 0
  all.worker.store.transcript = async () => {
    looks += 1
    return state.text
  }
  const outcome = async () => verified((await all.store.fields('outcomes', 't1')).get(id) ?? {})
  const interim = createInterimResults(all.worker, run)
  /** Stores an output, and resolves when it is looked at. */
  const see = async (text: string) => {
    const before = looks
    state.text = text
    interim.update()
    await waitUntil('the output is looked at', () => looks > before)
  }
  const noRoute = `${route}|RTNETLINK answers: Network is unreachable\n${route}=2\n`
  return { ...all, run, see, outcome, interim, noRoute, state }
}

test('a failure is saved as soon as its command has ended, without an end of the run', async () => {
  const { see, outcome, noRoute } = await openRunning()
  await see(noRoute)
  await waitUntil('the failure is saved', async () => 'results' in ((await outcome()) ?? {}))
  expect(await outcome()).toEqual({ results: [expect.objectContaining({ check: 'route-default', status: 'fail' })] })
})

test('a command that goes on, and checks that found nothing, are saved at the end only', async () => {
  const { see, outcome, interim, noRoute } = await openRunning()
  await see(noRoute.split('\n')[0] ?? '')
  // Resolves when what was looked at is saved, or isn't.
  await interim.end()
  expect(await outcome()).toEqual({})
})

test('output that comes right after a look is looked at too, without any further output', async () => {
  const { see, outcome, interim, noRoute, state } = await openRunning()
  await see('')
  interim.update()
  state.text = noRoute
  await waitUntil('the failure is saved', async () => 'results' in ((await outcome()) ?? {}))
  expect(await outcome()).toMatchObject({ results: [{ check: 'route-default' }] })
})

test('after the end nothing is saved any more', async () => {
  const { outcome, interim, noRoute, state } = await openRunning()
  await interim.end()
  state.text = noRoute
  interim.update()
  await interim.end()
  expect(await outcome()).toEqual({})
})

test('where it can’t be saved, that is logged, and the run goes on', async () => {
  const { see, lines, interim, noRoute, worker } = await openRunning()
  worker.store.setField = async () => {
    throw new Error('away')
  }
  await see(noRoute)
  await interim.end()
  expect(lines('warn')).toEqual(['a triage could not be updated with what was found so far'])
})
