import { readdirSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { followAudit } from '#test/environment/audit-log'
import { useCluster } from '#test/environment/cluster'
import { removeDebugPods } from '#test/environment/debug-pods'
import type { AuditEvent } from '#test/environment/open-audit-log'
import { useRedis } from '#test/environment/redis'
import { shown } from '#test/fakes/slack/shown'
import { openApp } from '#test/flow/app'
import { waitFor, waitUntil } from '#test/flow/wait-for'

const redis = useRedis()
const cluster = useCluster()
// Declared before the hook that stops the programs, so that it runs after it.
afterEach(() => removeDebugPods(cluster()))
beforeEach(redis.empty)

const policy = `
capabilitySets: { probe: { tools: [ping] } }
grants: [{ to: [alice@example.com], sets: [probe], on: [{ nodes: '*' }] }]`

async function open() {
  const flow = await openApp({ redis: redis.url(), ...cluster().settings, policy, ready: 'keep: 5m' })
  const ask = async (name: string, flags = '') => {
    await flow.people.command('U0ALICE', `shell node001 ${flags} ping -c 1 ${name}`)
    const message = shown(await flow.shows(new RegExp(`Done, exit code 0.*${name}`)))
    expect(message).toContain(`1 packets transmitted, 1 received`)
  }
  return { ...flow, ask }
}

/**
 * Returns the process ids of standby runners in this file's containers. The development cluster's nodes share the
 * machine's process table.
 */
async function standbyPids(): Promise<number[]> {
  const { core, namespace } = cluster()
  const { items } = await core.listNamespacedPod({ namespace })
  const uids = items.map(({ metadata }) => metadata?.uid ?? '?')
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => textOf(pid, 'cmdline').split('\0')[1] === '--standby')
    .filter((pid) => uids.some((uid) => textOf(pid, 'cgroup').includes(uid)))
}

function textOf(pid: number, file: 'cmdline' | 'cgroup'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}

/** Waits for a standby runner other than the given ones. */
async function anotherStandby(than: readonly number[] = []): Promise<number> {
  return waitFor('a standby runner is ready', async () => {
    const newPids = (await standbyPids()).filter((pid) => !than.includes(pid))
    return newPids.length === 1 ? newPids[0] : undefined
  })
}

/** Counts runs that were started by an exec of their own. */
function begunByExec(events: readonly AuditEvent[]): number {
  return events.filter(({ stage, requestURI }) => stage === 'ResponseComplete' && /exec\?.*--spool/.test(requestURI))
    .length
}

test('the next run uses the standby exec, and the one after it another', async () => {
  const { ask, stop } = await open()
  await ask('127.0.0.1')
  const audit = followAudit(cluster())
  const first = await anotherStandby()
  await ask('127.0.0.2')
  await anotherStandby([first])
  await ask('127.0.0.3')
  expect(begunByExec(audit())).toBe(0)
  await anotherStandby([first])
  await stop()
  await waitUntil(
    'no standby runner is left when its program has stopped',
    async () => (await standbyPids()).length === 0,
  )
})

test('standby runners that were killed or don’t answer are skipped: the tool runs once, without a long delay', async () => {
  const { ask } = await open()
  await ask('127.0.0.1')
  const audit = followAudit(cluster())
  const killed = await anotherStandby()
  process.kill(killed, 'SIGKILL')
  await waitUntil('it is gone', async () => (await standbyPids()).length === 0)
  await ask('127.0.0.2')
  const silent = await anotherStandby()
  process.kill(silent, 'SIGSTOP')
  await ask('127.0.0.3')
  await anotherStandby([silent])
  process.kill(silent, 'SIGCONT')
  await waitUntil('the silent standby runner ends', async () => !(await standbyPids()).includes(silent))
  await ask('127.0.0.4')
  // Two of the four runs: the second and the third.
  await waitUntil('all execs are recorded', () => begunByExec(audit()) >= 2)
  expect(begunByExec(audit())).toBe(2)
})

test('a run that may take longer than the standby exec allows gets its own exec', async () => {
  const { ask } = await open()
  await ask('127.0.0.1')
  const audit = followAudit(cluster())
  await anotherStandby()
  await ask('127.0.0.2', '--deadline 90s')
  await waitUntil('the exec is recorded', () => begunByExec(audit()) === 1)
})
