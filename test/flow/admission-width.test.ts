import { writeFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { useRedis } from '#test/environment/redis'
import { fakeCluster } from '#test/fakes/cluster'
import { openApp } from './app.ts'
import { configText, policyText } from './settings.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()

test('a policy that is reloaded and allows more than the admission policy: /readyz warns, by set and reason', async () => {
  const cluster = fakeCluster('dev', {})
  const { dryRun } = cluster
  const refusal =
    "the cluster refused it: ValidatingAdmissionPolicy 'retina-chatops' denied request: retina-chatops: a Linux capability that no set can give"
  // The admission policy in force has no SYS_PTRACE.
  cluster.dryRun = async (run) =>
    run.spec.capabilities.includes('SYS_PTRACE') ? { ok: false, problem: refusal } : dryRun(run)
  const options = { redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster }
  const flow = await openApp(options)
  const ready = async () => {
    const answer = await fetch(`${flow.health}/readyz`)
    return { status: answer.status, text: await answer.text() }
  }
  expect((await ready()).text).toMatch(/^ok cluster dev$/m)
  const wider = policyText.replace('[NET_ADMIN, NET_RAW]', '[NET_ADMIN, NET_RAW, SYS_PTRACE]')
  writeFileSync(flow.file, configText({ ...options, policy: wider }, flow.slack))
  await waitUntil('readiness warns', async () => /narrower/.test((await ready()).text))
  const { status, text } = await ready()
  expect(status).toBe(200)
  expect(text).toMatch(
    /^ok cluster dev: the admission policy is narrower than retina\.yaml, make it again .*: it refuses "netfilter" \(a Linux capability that no set can give\)$/m,
  )
})
