import { expect, test } from '@jest/globals'
import type { DebugDefaults } from '#core/runs/debug-spec'
import type { Run } from '#core/runs/run'
import { defaultTiming } from '#core/util/default-timings'
import { useConfiguredImage } from '#src/worker/runs/use-configured-image'
import { sampleRequest, sampleRun, silentLog } from '#test/samples/run'

const [before, now] = ['retina/shell:v1', 'retina/shell:v2']
const [beforeDigest, nowDigest] = [`${before}@sha256:1111`, `${now}@sha256:2222`]

const defaults: DebugDefaults = {
  ...{ image: now, startTimeout: 30, deadline: 60, maxOutputBytes: 1_048_576 },
  ...{ masked: [], namespace: 'retina-chatops' },
}

function queued(image: string, change: Partial<Run> = {}): Run {
  const run = sampleRun({ state: 'queued', ...change })
  return { ...run, spec: { ...run.spec, image } }
}

/** Resolves with the run as it goes on, and as it is stored. */
async function use(run: Run, pin: 'pinned' | 'unreachable' | 'broken' = 'pinned') {
  let stored: Run = run
  const goesOn = await useConfiguredImage(
    {
      rules: () => ({ defaults }) as never,
      images: { pin: async () => (pin === 'unreachable' ? { problem: 'unreachable' } : { image: nowDigest }) },
      timing: defaultTiming,
      log: silentLog,
      store: {
        async changeRun(_id: string, change: (now: Run) => Run | undefined) {
          if (pin === 'broken') return 'broken'
          const changed = change(stored)
          stored = changed ?? stored
          return changed
        },
      } as never,
    },
    run,
  )
  return { image: goesOn.spec.image, stored: stored.spec.image }
}

test('a run that was requested before the configured image changed gets the present one, as during an upgrade', async () => {
  expect(await use(queued(beforeDigest))).toEqual({ image: nowDigest, stored: nowDigest })
  expect(await use(queued(before))).toEqual({ image: nowDigest, stored: nowDigest })
})

test('without an answer of the registry it gets the tag, as when it is requested', async () => {
  expect(await use(queued(beforeDigest), 'unreachable')).toEqual({ image: now, stored: now })
})

test.each<[string, Run]>([
  ['has the configured image', queued(nowDigest)],
  ['named an image', queued(beforeDigest, { request: { ...sampleRequest(), image: before } })],
  ['was approved', queued(beforeDigest, { approval: { asked: {} } as never })],
  ['is covered by a standing approval', queued(beforeDigest, { under: 'abc' })],
  ['has started', queued(beforeDigest, { state: 'starting' })],
])('a run that %s keeps its image', async (_why, run) => {
  expect(await use(run)).toEqual({ image: run.spec.image, stored: run.spec.image })
})

test('a run that another worker has started meanwhile, or that was changed, keeps its image', async () => {
  expect(await use(queued(beforeDigest), 'broken')).toEqual({ image: beforeDigest, stored: beforeDigest })
})
