import { expect, test } from '@jest/globals'
import { useWalls, wallsPolicy } from '#test/environment/admission'
import { useCluster } from '#test/environment/cluster'
import { portTo } from '#test/environment/cluster-port'
import { useRedis } from '#test/environment/redis'
import { clusterEntry, openNamespace } from '#test/environment/test-cluster'
import { openApp } from '#test/flow/app'

const redis = useRedis()
const cluster = useCluster()
const walls = useWalls(cluster)

test('T47 readiness proves that the policy is in force for its account', async () => {
  const port = portTo(cluster(), { kubeconfig: walls().worker, admissionPolicy: 'required' })
  expect(await port.check()).toBe('impersonates the person who asks')
})

test('T47 where the policy doesn’t know the account, the check says so', async () => {
  // The administrator of the cluster is none of the accounts that the policy was made for.
  expect(await portTo(cluster()).check()).toContain(
    `the admission policy doesn't know this account: make it with --account`,
  )
  await expect(portTo(cluster(), { admissionPolicy: 'required' }).check()).rejects.toThrow('--account')
})

test('T47 without a policy the check warns, or fails where the policy is required; it can be switched off', async () => {
  const bare = await openNamespace(cluster())
  try {
    const said = `no admission policy is in force: this account can make any pod in ${bare.namespace}`
    expect(await portTo(bare).check()).toContain(said)
    await expect(portTo(bare, { admissionPolicy: 'required' }).check()).rejects.toThrow(said)
    expect(await portTo(bare, { admissionPolicy: 'off' }).check()).not.toContain('policy')
    const dev = `${clusterEntry(bare.kubeconfig)}, admissionPolicy: required`
    const flow = await openApp({
      redis: redis.url(),
      cluster: dev,
      shell: `namespace: ${bare.namespace}`,
      policy: wallsPolicy,
    })
    const ready = await fetch(`${flow.health}/readyz`)
    expect(ready.status).toBe(503)
    expect(await ready.text()).toContain(`NOT READY cluster dev: ${said}`)
    const { items } = await bare.core.listNamespacedPod({ namespace: bare.namespace })
    expect(items).toEqual([])
  } finally {
    await bare.close()
  }
})
