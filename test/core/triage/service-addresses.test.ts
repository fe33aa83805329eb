import { expect, test } from '@jest/globals'
import { serviceFactsOf } from '#core/triage/service-addresses'

const service = (spec: object) => ({ kind: 'Service', spec })
const slice = (ports: readonly object[], ...endpoints: readonly object[]) => ({
  kind: 'EndpointSlice',
  ports,
  endpoints,
})
const ready = (address: string) => ({ addresses: [address], conditions: { ready: true } })

test('addresses with TCP ports; of endpoints that are ready, the first port of each first', () => {
  const ports = [{ port: 80 }, { port: 53, protocol: 'UDP' }, { port: 443, protocol: 'TCP' }]
  const objects = [
    service({ clusterIP: '10.96.0.5', ports }),
    slice([{ port: 8080 }, { port: 8443 }], ready('10.244.0.1'), {
      addresses: ['10.244.0.9'],
      conditions: { ready: false },
    }),
    slice([{ port: 8080 }, { port: 8443 }], ready('10.244.0.2')),
  ]
  expect(serviceFactsOf(objects)).toEqual({
    serviceIp: ['10.96.0.5:80', '10.96.0.5:443'],
    endpoints: ['10.244.0.1:8080', '10.244.0.2:8080', '10.244.0.1:8443', '10.244.0.2:8443'],
  })
})

test('addresses of IPv6 stand in brackets', () => {
  const objects = [
    service({ clusterIP: 'fd00:10::5', ports: [{ port: 80 }] }),
    slice([{ port: 80 }], ready('fd00:1::7')),
  ]
  expect(serviceFactsOf(objects)).toEqual({ serviceIp: ['[fd00:10::5]:80'], endpoints: ['[fd00:1::7]:80'] })
})

test.each([
  ['a headless Service', [service({ clusterIP: 'None', ports: [{ port: 80 }] })]],
  ['a Service of UDP', [service({ clusterIP: '10.96.0.5', ports: [{ port: 53, protocol: 'UDP' }] })]],
  ['one without ports', [service({ clusterIP: '10.96.0.5' }), slice([], ready('10.244.0.1'))]],
  ['nothing', []],
  [
    'garbage',
    [null, 1, { kind: 'Service', spec: 7 }, { kind: 'EndpointSlice', endpoints: 'x', ports: {} }] as object[],
  ],
])('%s has no addresses to try', (_name, objects) => {
  expect(serviceFactsOf(objects)).toEqual({})
})
