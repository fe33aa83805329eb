import { afterEach, expect, test } from '@jest/globals'
import { podWith, runnerWords, useWalls, wallsPolicy } from '#test/environment/admission'
import { followAudit } from '#test/environment/audit-log'
import { useCluster } from '#test/environment/cluster'
import { debugPods, removeDebugPods } from '#test/environment/debug-pods'
import { useRedis } from '#test/environment/redis'
import { clusterEntry, podReady } from '#test/environment/test-cluster'
import { shown } from '#test/fakes/slack/shown'
import { openApp } from '#test/flow/app'
import { waitUntil } from '#test/flow/wait-for'

const redis = useRedis()
const cluster = useCluster()
// Before the hook that stops the programs, so after it.
afterEach(() => removeDebugPods(cluster()), 60_000)
const walls = useWalls(cluster)

test('T35 with the worker’s own token: in a pod that stays only the runner is run, and only for a run', async () => {
  const pod = podWith(cluster(), { container: { command: runnerWords('60', ['--keep', '360', '--life', '1860']) } })
  expect(await walls().refusal(pod)).toBe('')
  const { connection } = walls()
  const { namespace } = cluster()
  const made = await connection.core.createNamespacedPod({ namespace, body: pod }).then(() => '', String)
  expect(made).toBe('')
  const place = { namespace, pod: 'retina-wallswalls22', container: 'shell' }
  await podReady(cluster(), namespace, place.pod)
  const exec = (words: readonly string[], flags: readonly string[] = []) =>
    connection.openExec(place, words, { stdin: flags.includes('-i') }).then(async ({ ended, stdout, close }) => {
      // What stands ready would wait for words.
      if (flags.includes('-i')) close()
      stdout.resume()
      const { status } = await ended
      return status === undefined || status.exitCode === 0 ? '' : status.message
    }, String)
  const runner = '/usr/local/bin/retina-run'
  for (const words of [
    ['id'],
    ['sh', '-c', 'id'],
    [runner, '--run', 'x', '--words', '1', '--', 'id'],
    runnerWords('60'),
    runnerWords('86400', ['--spool']),
    runnerWords('60', ['--keep', '1']),
    [
      runner,
      '--run',
      'x',
      '--deadline',
      '60',
      '--max-bytes',
      '9',
      '--spool',
      '--deadline',
      '86400',
      '--words',
      '1',
      '--',
      'id',
    ],
  ])
    expect([words, await exec(words)]).toEqual([
      words,
      expect.stringContaining('nothing is run in a container but the runner'),
    ])
  expect(await exec(runnerWords('60', ['--spool']), ['-i'])).toContain('nothing is run in a container but the runner')
  expect(await exec(runnerWords('60', ['--spool']))).toBe('')
  expect(await exec([runner, '--follow', 'wallswalls22'])).toBe('')
  expect(await exec([runner, '--standby', '60'], ['-i'])).toBe('')
  for (const [words, flags] of [
    [[runner, '--standby', '60'], []],
    [[runner, '--standby', '86400'], ['-i']],
    [[runner, '--standby', '-1'], ['-i']],
    [[runner, '--standby', '60', '--spool'], ['-i']],
  ] as const)
    expect([words, flags, await exec(words, flags)]).toEqual([
      words,
      flags,
      expect.stringContaining('nothing is run in a container but the runner'),
    ])
  expect(await exec([runner, '--stop', 'wallswalls22'])).toBe('')
}, 90_000)

test('pods stay ready with the accounts’ own rights, as whoever asks; without the right to exec none does', async () => {
  const audit = followAudit(cluster())
  const { shell } = cluster().settings
  const both = { redis: redis.url(), policy: wallsPolicy, shell, ready: 'keep: 5m, keepInPods: 30m' }
  const bot = await openApp({ ...both, cluster: clusterEntry(walls().bot), role: 'bot' })
  const worker = await openApp({ ...both, cluster: clusterEntry(walls().worker), role: 'worker', slack: bot.slack })
  const ask = async (target: string, name: string) => {
    await bot.people.command('U0ALICE', `shell ${target} ping -c 1 ${name}`)
    return /run ([a-z2-7]{12})/.exec(shown(await bot.shows(new RegExp(`Done, exit code 0.*${name}`), 60)))?.[1] ?? ''
  }
  const host = await ask('node001', '127.0.0.1')
  const guest = await ask('node001', '127.0.0.2')
  expect(await debugPods(cluster())).toEqual([`retina-${host}`])
  const inPod = await ask(`-n ${walls().target} pod/web-1`, '127.0.0.3')
  await ask(`-n ${walls().target} pod/web-1`, '127.0.0.4')
  const events = audit()
  const execs = events.filter(({ requestURI }) => requestURI.includes('/exec?') && requestURI.includes('--spool'))
  expect(execs.length).toBeGreaterThan(1)
  expect(new Set(execs.map(({ impersonatedUser }) => impersonatedUser?.username))).toEqual(
    new Set(['alice@example.com']),
  )
  expect(execs.some(({ requestURI }) => requestURI.includes(guest))).toBe(true)
  // Each of them is judged and recorded by the API server as theirs, so none goes by an exec that stood ready before.
  expect(events.filter(({ requestURI }) => requestURI.includes('--standby'))).toEqual([])
  for (const id of [host, inPod]) await bot.people.command('U0ALICE', `end ${id}`)
  await waitUntil('no debug pod is left', async () => (await debugPods(cluster())).length === 0, 30)
  expect(await (await fetch(`${worker.health}/readyz`)).text()).not.toContain('no pod is kept ready')
}, 120_000)

test('without the right to exec no pod stays, runs are what they were, and readiness says so', async () => {
  const { namespace, objects, settings } = cluster()
  const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'run', namespace } }
  const { rules } = await objects.read<typeof role & { rules: { resources: string[] }[] }>(role)
  const without = rules.filter(({ resources }) => !resources.includes('pods/exec'))
  expect(without).toHaveLength(rules.length - 1)
  await objects.replace({ ...role, rules: without } as typeof role)
  const where = { cluster: clusterEntry(walls().worker), shell: settings.shell }
  const flow = await openApp({ redis: redis.url(), policy: wallsPolicy, ...where, ready: 'keep: 5m' })
  expect(await (await fetch(`${flow.health}/readyz`)).text()).toContain('no pod is kept ready')
  await flow.people.command('U0ALICE', 'shell node001 ping -c 1 127.0.0.9')
  expect(shown(await flow.shows(/Done, exit code 0.*127\.0\.0\.9/, 60))).not.toContain('stays ready')
  await waitUntil('no debug pod is left', async () => (await debugPods(cluster())).length === 0, 30)
}, 60_000)
