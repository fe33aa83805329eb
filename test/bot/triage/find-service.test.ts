import { expect, test } from '@jest/globals'
import { findService } from '#src/bot/triage/find-service'
import { frontPod, openTriages } from '#test/samples/triage'

const service = {
  kind: 'Service',
  metadata: { name: 'front' },
  spec: { clusterIP: '10.96.0.5', selector: { app: 'front' }, ports: [{ port: 80 }] },
}
const slice = { kind: 'EndpointSlice', ports: [{ port: 8080 }], endpoints: [{ addresses: ['10.244.0.7'] }] }

/** Returns what a person finds of the Service front. */
async function find(user: string, all = openTriages(), name = 'front') {
  const { ctx } = all.typed(user, 'triage')
  const typed = { kind: 'owner' as const, namespace: 'shop', owner: { kind: 'Service' as const, name } }
  return findService(all.bot, ctx, all.bot.rules(), all.cluster, typed)
}

test('it is looked at from a ready pod behind it, and its addresses are known', async () => {
  const all = openTriages()
  all.cluster.apiObjects.set('endpoints shop/front', [service, slice])
  expect(await find('alice', all)).toMatchObject({
    shownAs: '-n shop svc/front',
    target: { kind: 'pod', name: 'front-b' },
    known: { serviceIp: ['10.96.0.5:80'], endpoints: ['10.244.0.7:8080'] },
    service: { namespace: 'shop', name: 'front', object: { target: { name: 'front-b' } } },
  })
})

test('without a pod that can be used, from a node that the person may name; without one, by the API server alone', async () => {
  const stuck = openTriages({ pods: [frontPod('front-a', { problem: 'it is on no node yet' })] })
  expect(await find('alice', stuck)).toMatchObject({
    target: { kind: 'node', name: 'node001' },
    service: { object: { target: { kind: 'pod', name: 'front-a' } } },
  })
  const none = openTriages({ pods: [] })
  const found = await find('alice', none)
  expect(found).toMatchObject({ target: { kind: 'node' }, service: { object: { target: { name: 'front' } } } })
  const onlyShop = openTriages({ pods: [] })
  onlyShop.settings.rules = {
    ...onlyShop.settings.rules,
    policy: {
      ...onlyShop.settings.rules.policy,
      grants: onlyShop.settings.rules.policy.grants.map((grant) => ({
        ...grant,
        on: grant.on.filter(({ kind }) => kind === 'pod'),
      })),
    },
  }
  expect(await find('alice', onlyShop)).toMatchObject({ unreachable: true, target: { kind: 'pod', name: 'front' } })
})

test('T07 who may name no pod of it, nor one as it selects, learns nothing', async () => {
  const no = (name: string) => `You have no access to -n shop svc/${name}.`
  expect(await find('dave')).toBe(no('front'))
  expect(await find('dave', openTriages(), 'nosuch')).toBe(no('nosuch'))
  // A grant on one pod is none on a Service without that pod.
  expect(await find('carol', openTriages({ pods: [] }))).toBe(no('front'))
  expect(await find('carol')).toMatchObject({ target: { name: 'front-b' } })
})

test('a Service that is missing is told to who may name its namespace; one without a selector has no pods', async () => {
  expect(await find('alice', openTriages(), 'nosuch')).toMatch(/There is no service nosuch/)
  const all = openTriages()
  all.cluster.services.set('shop/outside', { selector: {} })
  expect(await find('alice', all, 'outside')).toMatchObject({
    target: { kind: 'node' },
    shownAs: '-n shop svc/outside',
  })
})
