import { beforeAll, expect, test } from '@jest/globals'
import { useCluster } from '#test/environment/cluster'
import { useRedis } from '#test/environment/redis'
import { type Made, podReady, servicesWritten } from '#test/environment/test-cluster'
import { shown } from '#test/fakes/slack/shown'
import { openApp } from '#test/flow/app'

// Services on a real cluster: one that leads somewhere, one whose port is wrong, one that selects nothing.

const redis = useRedis()
const cluster = useCluster()

const labels = { app: 'greeter' }

function serverPod(name: string): Made {
  const container = {
    ...{ name: 'server', image: 'localhost/retina-chatops/shell:dev' },
    // Greets every client, without speaking HTTP.
    command: ['socat', 'TCP-LISTEN:8080,fork,reuseaddr', 'OPEN:/etc/hostname,rdonly'],
    securityContext: {
      ...{ allowPrivilegeEscalation: false, runAsNonRoot: true, runAsUser: 1000 },
      ...{ capabilities: { drop: ['ALL'] }, seccompProfile: { type: 'RuntimeDefault' } },
    },
  }
  const spec = { terminationGracePeriodSeconds: 0, automountServiceAccountToken: false, containers: [container] }
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: cluster().namespace, labels }, spec } as Made
}

const service = (name: string, selector: object, targetPort: number): Made =>
  ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: cluster().namespace },
    spec: { selector, ports: [{ port: 80, targetPort }] },
  }) as Made

beforeAll(async () => {
  await cluster().create([
    serverPod('greeter-a'),
    serverPod('greeter-b'),
    service('greeter', labels, 8_080),
    service('wrong-port', labels, 9_999),
    service('empty', { app: 'nobody' }, 8_080),
  ])
  for (const name of ['greeter-a', 'greeter-b']) await podReady(cluster(), cluster().namespace, name)
  await servicesWritten(cluster().namespace, ['greeter', 'wrong-port'], ['empty'])
})

test('a Service that leads somewhere is good, also without HTTP; a wrong port and a selector that matches nothing are named', async () => {
  const { namespace } = cluster()
  const policy = `
capabilitySets:
  look: { tools: [curl, api endpoints] }
grants: [{ to: [alice@example.com], sets: [look], on: [{ namespaces: ['${namespace}'] }] }]
`
  const { people, shows } = await openApp({ redis: redis.url(), ...cluster().settings, policy })
  await people.command('U0ALICE', `triage -n ${namespace} svc/greeter service`)
  expect(shown(await shows(/Nothing found by 3 checks on -n \S+ svc\/greeter/))).not.toMatch(/FAIL|WARN/)
  await people.command('U0ALICE', `triage -n ${namespace} svc/wrong-port service`)
  const wrong = shown(await shows(/svc\/wrong-port: The endpoint [\d.]+:9999 does not answer[\s\S]*all outputs in/))
  expect(wrong).toMatch(/FAIL service-endpoints, surely; explains service-address/)
  await people.command('U0ALICE', `triage -n ${namespace} svc/empty service`)
  await shows(/svc\/empty: The Service has no endpoints: no pod matches app=nobody/)
})
