import { expect, test } from '@jest/globals'
import { buildShellImage } from '#shell-image/build'
import { useCluster } from '#test/environment/cluster'
import { debugPods } from '#test/environment/debug-pods'
import { useRedis } from '#test/environment/redis'
import { hardenedNamespace } from '#test/environment/test-cluster'
import { shown } from '#test/fakes/slack/shown'
import { openApp } from '#test/flow/app'
import { waitUntil } from '#test/flow/wait-for'

const redis = useRedis()
const cluster = useCluster()

const policy = `
capabilitySets:
  probe: { tools: [ping, dig] }
  host-write: { tools: ['*'], host: { filesystem: read-write }, effect: write, approval: { from: [bob@example.com] } }
grants: [{ to: [alice@example.com], sets: [probe, host-write], on: [{ nodes: '*' }, { namespaces: '*' }] }]`

async function open(digest: string, pullPolicy: string) {
  const named = `{ repo: localhost/retina-chatops/shell, version: dev, digest: '${digest}' }`
  return openApp({
    redis: redis.url(),
    ...cluster().settings,
    image: `image: ${named}, pin: digest, pullPolicy: ${pullPolicy}`,
    policy,
  })
}

/** Returns the images of the containers of a run's debug pod, while it runs. */
async function imagesOf(id: string): Promise<string> {
  const { core, namespace } = cluster()
  const { spec, status } = await core.readNamespacedPod({ namespace, name: `retina-${id}` })
  const named = spec?.containers.map(({ image }) => image) ?? []
  return [...named, ...(status?.containerStatuses ?? []).map(({ imageID }) => imageID)].join(' ')
}

test.each(['IfNotPresent', 'Never'])(
  'T37 a run that was approved with a digest uses the digest on a real node that has the image (%s)',
  async (pullPolicy) => {
    const { digest } = await buildShellImage()
    const { people, shows } = await open(digest, pullPolicy)
    await people.command('U0ALICE', 'shell -w node001 sleep 3')
    const card = await shows(/Needs approval: sleep 3/)
    expect(shown(card)).toContain(`Image: localhost/retina-chatops/shell:dev, digest ${digest}`)
    await people.press('U0BOB', 'approve', card)
    const running = shown(await shows(/Running: sleep 3/))
    const id = /run ([a-z2-7]{12})/.exec(running)?.[1] ?? ''
    expect(await imagesOf(id)).toContain(`localhost/retina-chatops/shell@${digest}`)
    await shows(/Done, exit code 0.*sleep 3/)
    await waitUntil('no debug pod is left', async () => (await debugPods(cluster())).length === 0)
  },
)

test('a pod’s ephemeral container uses the digest too', async () => {
  const { digest } = await buildShellImage()
  const { people, shows } = await open(digest, 'IfNotPresent')
  const namespace = await hardenedNamespace(cluster(), 'images')
  await people.command('U0ALICE', `shell -n ${namespace} pod/web-1 ping -c 1 127.0.0.1`)
  await shows(/Done, exit code 0.*ping -c 1/)
})

test('T37 another image with the same tag isn’t run: a digest that the node doesn’t have starts nothing', async () => {
  const { people, shows } = await open(`sha256:${'0'.repeat(64)}`, 'Never')
  await people.command('U0ALICE', 'shell node001 ping -c 1 127.0.0.1')
  await shows(/Image unavailable/)
  await waitUntil('no debug pod is left', async () => (await debugPods(cluster())).length === 0)
})
