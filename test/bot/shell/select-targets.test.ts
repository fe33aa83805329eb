import { expect, test } from '@jest/globals'
import type { LabelRequirement } from '#core/request/selector'
import type { PodInfo } from '#core/request/target'
import { selectTargets } from '#src/bot/shell/select-targets'
import { openContexts } from '#test/samples/contexts'

const nobody = { id: '', name: '', groups: [] }
const pool: LabelRequirement[] = [{ key: 'pool', op: 'exists', values: [] }]
const podOf = (name: string, change: Partial<PodInfo> = {}): PodInfo => ({
  ...{ uid: `uid-${name}`, name, namespace: 'shop', namespaceLabels: {}, status: 'Running', node: 'node001' },
  ...{ labels: { app: 'web' }, ...change },
})

test('a selector matches nodes that the person may name, and reveals no others', async () => {
  const all = openContexts()
  const select = (user: string, labels: readonly LabelRequirement[]) =>
    selectTargets(
      all.bot,
      all.directory.people.get(user) ?? nobody,
      all.cluster,
      { from: { kind: 'node' }, labels },
      [],
    )
  const { matched } = await select('alice', pool)
  expect(matched.map(({ target, facts }) => [target.name, facts.uid])).toEqual([
    ['node001', 'uid-node001'],
    ['node002', 'uid-node002'],
  ])
  expect(await select('dave', pool)).toEqual({ matched: [], skipped: [] })
  expect(await select('alice', [])).toMatchObject({
    matched: { length: 2 },
    skipped: [{ why: 'it runs Windows, and the tools are Linux programs', targets: ['node/win001'] }],
  })
})

test('pods in which nothing can be started, or that run on Windows, are left out with the reason', async () => {
  const problem = 'it has ended (Completed), so nothing can be started in it'
  const ended = podOf('ended', { status: 'Completed', problem })
  const crashing = podOf('crashing', { status: 'CrashLoopBackOff' })
  const all = openContexts({ pods: [ended, crashing, podOf('windows', { node: 'win001' })] })
  const alice = all.directory.people.get('alice') ?? nobody
  const command = { from: { kind: 'pod' as const, namespace: 'shop' }, labels: [] }
  const { matched, skipped } = await selectTargets(all.bot, alice, all.cluster, command, [])
  expect(matched.map(({ target }) => target)).toEqual([
    { kind: 'pod', cluster: 'dev', namespace: 'shop', name: 'web-1' },
    { kind: 'pod', cluster: 'dev', namespace: 'shop', name: 'crashing' },
  ])
  expect(skipped).toEqual([
    { why: problem, targets: ['-n shop pod/ended'] },
    { why: 'it runs on a Windows node, and the tools are Linux programs', targets: ['-n shop pod/windows'] },
  ])
})
