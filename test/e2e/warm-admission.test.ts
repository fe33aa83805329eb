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
// Declared before the hook that stops the programs, so that it runs after it.
afterEach(() => removeDebugPods(cluster()))
const admission = useWalls(cluster)

test('T35 with the worker’s own token: in a warm pod only the runner can be executed, and only for a run', async () => {
  const pod = podWith(cluster(), { container: { command: runnerWords('60', ['--keep', '360', '--life', '1860']) } })
  expect(await admission().refusal(pod)).toBe('')
  const { connection } = admission()
  const { namespace } = cluster()
  const made = await connection.core.createNamespacedPod({ namespace, body: pod }).then(() => '', String)
  expect(made).toBe('')
  const target = { namespace, pod: 'retina-wallswalls22', container: 'shell' }
  await podReady(cluster(), namespace, target.pod)
  const exec = (argv: readonly string[], flags: readonly string[] = []) =>
    connection.openExec(target, argv, { stdin: flags.includes('-i') }).then(async ({ ended, stdout, close, write }) => {
      // A standby exec would wait for its arguments on stdin.
      if (argv.includes('--spool') && flags.includes('-i')) write(`${Buffer.alloc(32).toString('base64')}\n`)
      else if (flags.includes('-i')) close()
      stdout.resume()
      const { status } = await ended
      return status === undefined || status.exitCode === 0 ? '' : status.message
    }, String)
  const runner = '/usr/local/bin/retina-run'
  for (const argv of [
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
    expect([argv, await exec(argv)]).toEqual([
      argv,
      expect.stringContaining('only the runner may be run in a container'),
    ])
  expect(await exec(runnerWords('60', ['--spool']))).toContain('only the runner may be run in a container')
  expect(await exec(runnerWords('60', ['--spool']), ['-i'])).toBe('')
  expect(await exec([runner, '--follow', 'wallswalls22'])).toBe('')
  expect(await exec([runner, '--standby', '60'], ['-i'])).toBe('')
  for (const [argv, flags] of [
    [[runner, '--standby', '60'], []],
    [[runner, '--standby', '86400'], ['-i']],
    [[runner, '--standby', '-1'], ['-i']],
    [[runner, '--standby', '60', '--spool'], ['-i']],
  ] as const)
    expect([argv, flags, await exec(argv, flags)]).toEqual([
      argv,
      flags,
      expect.stringContaining('only the runner may be run in a container'),
    ])
  // It ends the container, and is killed with it unless it returns before.
  expect(await exec([runner, '--stop', 'wallswalls22'])).toMatch(/^$|exit code 137/)
  await waitUntil('its end', async () => {
    const { status } = await connection.core.readNamespacedPod({ name: target.pod, namespace })
    return status?.phase === 'Succeeded'
  })
})

test('pods are reused with the accounts’ own rights, as the requester; without the right to exec none is', async () => {
  const audit = followAudit(cluster())
  const { shell } = cluster().settings
  const both = { redis: redis.url(), policy: wallsPolicy, shell, ready: 'keep: 5m, keepInPods: 30m' }
  const bot = await openApp({ ...both, cluster: clusterEntry(admission().bot), role: 'bot' })
  const worker = await openApp({ ...both, cluster: clusterEntry(admission().worker), role: 'worker', slack: bot.slack })
  const ask = async (target: string, name: string) => {
    await bot.people.command('U0ALICE', `shell ${target} ping -c 1 ${name}`)
    return /run ([a-z2-7]{12})/.exec(shown(await bot.shows(new RegExp(`Done, exit code 0.*${name}`))))?.[1] ?? ''
  }
  const host = await ask('node001', '127.0.0.1')
  const guest = await ask('node001', '127.0.0.2')
  expect(await debugPods(cluster())).toEqual([`retina-${host}`])
  const inPod = await ask(`-n ${admission().target} pod/web-1`, '127.0.0.3')
  await ask(`-n ${admission().target} pod/web-1`, '127.0.0.4')
  const events = audit()
  const execs = events.filter(({ requestURI }) => requestURI.includes('/exec?') && requestURI.includes('--spool'))
  expect(execs.length).toBeGreaterThan(1)
  expect(new Set(execs.map(({ impersonatedUser }) => impersonatedUser?.username))).toEqual(
    new Set(['alice@example.com']),
  )
  expect(execs.some(({ requestURI }) => requestURI.includes(guest))).toBe(true)
  // The API server authorizes and records each run's exec as the requester, so no standby exec is used.
  expect(events.filter(({ requestURI }) => requestURI.includes('--standby'))).toEqual([])
  for (const id of [host, inPod]) await bot.people.command('U0ALICE', `end ${id}`)
  await waitUntil('no debug pod is left', async () => (await debugPods(cluster())).length === 0)
  expect(await (await fetch(`${worker.health}/readyz`)).text()).not.toContain('no warm sessions')
})

test('without the right to exec no pod is reused, runs work as before, and readiness reports it', async () => {
  const { namespace, objects, settings } = cluster()
  const role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: `${namespace}-worker`, namespace },
  }
  const { rules } = await objects.read<typeof role & { rules: { resources: string[] }[] }>(role)
  const without = rules.filter(({ resources }) => !resources.includes('pods/exec'))
  expect(without).toHaveLength(rules.length - 1)
  await objects.replace({ ...role, rules: without } as typeof role)
  const where = { cluster: clusterEntry(admission().worker), shell: settings.shell }
  const flow = await openApp({ redis: redis.url(), policy: wallsPolicy, ...where, ready: 'keep: 5m' })
  expect(await (await fetch(`${flow.health}/readyz`)).text()).toContain('no warm sessions')
  await flow.people.command('U0ALICE', 'shell node001 ping -c 1 127.0.0.9')
  expect(shown(await flow.shows(/Done, exit code 0.*127\.0\.0\.9/))).not.toContain('stays ready')
  await waitUntil('no debug pod is left', async () => (await debugPods(cluster())).length === 0)
})
