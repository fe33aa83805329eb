import { expect, test } from '@jest/globals'
import { refusals } from '#test/core/clusters/recorded-clusters'
import { useRedis } from '#test/environment/redis'
import { fakeCluster } from '#test/fakes/cluster'
import { shown } from '#test/fakes/slack/shown'
import { openApp } from './app.ts'

const redis = useRedis()

async function open() {
  const fargate = {
    ...{ uid: 'uid-f', name: 'fargate-ip-10-0-3-7', status: 'Ready', os: 'linux', version: 'v1.36.0' },
    labels: {},
  }
  const cluster = fakeCluster('dev', { dig: () => [{ out: 'answer\n' }], cat: () => [{ out: 'text\n' }] }, [fargate])
  return { ...(await openApp({ redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster })), cluster }
}

test('a node on which no pod can run is refused with the name of its platform and what still works', async () => {
  const { people, shows, cluster } = await open()
  await people.command('U0ALICE', 'shell fargate-ip-10-0-3-7 dig example.com')
  const text = shown(await shows(/I could not do that/))
  expect(text).toContain('fargate-ip-10-0-3-7 is a node of AWS Fargate: each pod has a node of its own')
  expect(text).toContain('What still works: tools in the network of pods')
  await people.command('U0ALICE', 'can-i shell fargate-ip-10-0-3-7 dig example.com')
  expect(shown(await shows(/Yes: this would run/))).toContain('is a node of AWS Fargate')
  expect(cluster.launched).toEqual([])
})

test('on Talos, its own programs are refused before anything starts, and other tools run', async () => {
  const { people, shows, cluster } = await open()
  cluster.osImages.set('node001', 'Talos (v1.11.2)')
  await people.command('U0BOB', 'shell node001 systemctl status kubelet')
  const text = shown(await shows(/I could not do that/))
  expect(text).toContain('node001 is a node of Talos Linux: the host has neither systemd nor a shell')
  expect(text).toContain('services and their logs by')
  expect(cluster.launched).toEqual([])
  await people.command('U0BOB', 'shell node001 dig example.com')
  await shows(/Done, exit code 0/)
})

test('a fan-out leaves such nodes out, with the reason', async () => {
  const { people, shows, cluster } = await open()
  cluster.osImages.set('node001', 'Talos (v1.11.2)')
  await people.command('U0BOB', 'shell -l pool systemctl status kubelet')
  expect(shown(await shows(/Talos Linux/))).toContain('it is a node of Talos Linux')
})

test('a refusal of the API server by which the platform is known is explained', async () => {
  const { people, shows, cluster } = await open()
  cluster.refusals.set('node001', `the cluster refused it: ${refusals['gke-autopilot']}`)
  await people.command('U0ALICE', 'shell node001 dig example.com')
  const text = shown(await shows(/I could not do that/))
  expect(text).toContain("This is GKE Autopilot: no pod may have its node's network, processes or disk.")
  expect(text).toContain('What still works: tools in the network of pods')
})
