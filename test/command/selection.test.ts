import { expect, test } from '@jest/globals'
import { parse } from '#src/command/parse'
import { catalogue } from '#src/tools/index'

const read = (text: string) => parse({ text }, catalogue)

const selections: [string, object][] = [
  ['shell -l pool=web dig x', { from: { kind: 'node' }, labels: [{ key: 'pool', op: 'in', values: ['web'] }] }],
  ['shell nodes -l pool=web --targets 57 dig x', { from: { kind: 'node' }, targets: 57, pipeline: [['dig', 'x']] }],
  ['shell --context eu -l gpu,!spot dig x', { from: { kind: 'node', cluster: 'eu' }, labels: [{}, { op: 'absent' }] }],
  ["shell -l 'zone in (a, b)' -- dig x", { labels: [{ key: 'zone', values: ['a', 'b'] }] }],
  ['shell -n shop -l app=web dig x', { from: { kind: 'pod', namespace: 'shop' } }],
  ['shell pods -l app=web dig x', { from: { kind: 'pod', namespace: 'default' } }],
  ['shell -n shop --container app --selector=app=web dig x', { from: { kind: 'pod', container: 'app' } }],
  ['can-i shell -l pool=web dig x', { dryRun: true }],
]

test.each(selections)('%s selects targets', (text, means) => {
  expect(read(text)).toMatchObject({ verb: 'fan-out', ...means })
})

const unselected: [string, string, RegExp][] = [
  ['shell node001 -l pool=web dig x', 'conflict', /"node001" names one too/],
  ['shell -l pool=web -l tier=db dig x', 'conflict', /one selector/],
  ['shell -l "pool==web==x" dig x', 'bad-selector', /is not a valid label requirement/],
  ['shell -l "" dig x', 'bad-selector', /is not a valid label requirement/],
  [`shell -l a=${'x'.repeat(2_000)} dig x`, 'bad-selector', /too long/],
  ['shell -l pool=web --targets many dig x', 'bad-value', /"many" is not a number/],
  ['shell --targets 5 node001 dig x', 'conflict', /needs a selector/],
  ['shell nodes -n shop -l pool=web dig x', 'conflict', /-n is for pods/],
  ['shell -n shop -l app=web -m cat /host/x', 'conflict', /is for nodes/],
  ['shell -n shop,kube-system -l app=web dig x', 'bad-name', /not a valid namespace name/],
]

test.each(unselected)('T13 %s is refused as misunderstood', (text, code, message) => {
  expect(read(text)).toMatchObject({ verb: 'misunderstood', code, message: expect.stringMatching(message) })
})
