import { expect, test } from '@jest/globals'
import { parse } from '#src/command/parse'
import { plan } from '#src/command/plan'
import { catalogue } from '#src/tools/index'

const parsed = (text: string, entities = false) => parse({ text, entities }, catalogue)

test.each([
  ['shell shop/web-1 dig x', { kind: 'pod', namespace: 'shop', name: 'web-1' }],
  ['shell -n shop shop/web-1 dig x', { kind: 'pod', namespace: 'shop', name: 'web-1' }],
  ['shell --context test shop/web-1 dig x', { kind: 'pod', namespace: 'shop', name: 'web-1', cluster: 'test' }],
  ['shell -n shop pod/web-1 -c app dig x', { kind: 'pod', namespace: 'shop', name: 'web-1', container: 'app' }],
  ['shell shop/web-1 -c app dig x', { kind: 'pod', namespace: 'shop', name: 'web-1', container: 'app' }],
])('%s', (text, target) => {
  const command = parsed(text)
  expect(command).toMatchObject({ verb: 'shell', pipeline: [['dig', 'x']] })
  expect(command.verb === 'shell' && command.target).toEqual(target)
})

test.each([
  ['shell -n shop deploy/web dig x', { kind: 'Deployment', name: 'web' }],
  ['shell -n shop statefulset/db dig x', { kind: 'StatefulSet', name: 'db' }],
  ['shell -n shop ds/cni dig x', { kind: 'DaemonSet', name: 'cni' }],
  ['shell -n shop job/x dig x', { kind: 'Job', name: 'x' }],
  ['shell -n shop svc/web dig x', { kind: 'Service', name: 'web' }],
])('%s: one pod of it', (text, owner) => {
  expect(parsed(text)).toMatchObject({ verb: 'owner', target: { kind: 'owner', namespace: 'shop', owner } })
})

test('--all is a fan-out on all pods of an owner', () => {
  expect(parsed('shell -n shop deploy/web --all --targets 3 dig x')).toMatchObject({
    verb: 'fan-out',
    from: { kind: 'pod', namespace: 'shop', owner: { kind: 'Deployment', name: 'web' } },
    labels: [],
    targets: 3,
  })
  for (const text of ['shell --all node001 dig x', 'shell --all -l a=b dig x', 'shell -n shop pod/web --all dig x'])
    expect(parsed(text)).toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/^--all is for what owns pods/),
    })
})

test.each([
  ['shell pood/web-1 dig x', 'unknown-kind', 'shell pods/web-1 dig x'],
  ['shell deploi/web dig x', 'unknown-kind', undefined],
  ['shell a/b/c dig x', 'unknown-kind', undefined],
  ['shell Shop/web dig x', 'unknown-kind', undefined],
  ['shell deploy/Web dig x', 'bad-name', 'shell deploy/web dig x'],
  ['shell -n other shop/web-1 dig x', 'conflict', 'shell -n other pod/web-1 dig x'],
  ['shell -m deploy/web cat /host/x', 'conflict', undefined],
  ['deploy/web dig x', 'missing-verb', 'shell deploy/web dig x'],
])('%s: %s', (text, code, suggestion) => {
  const answer = parsed(text)
  if (code === 'unknown-kind' && answer.verb !== 'misunderstood') return expect(answer).toMatchObject({ verb: 'shell' })
  expect(answer).toMatchObject({ verb: 'misunderstood', code })
  if (suggestion !== undefined) expect(answer).toMatchObject({ suggestion })
})

const notes = (text: string) => {
  const command = parsed(text)
  if (command.verb !== 'shell') return command
  const planned = plan(command, catalogue, { repo: 'a.io/shell', version: 'v1' })
  return 'verb' in planned ? planned : planned.added
}

test('-c with the name of a container is --container, and the reply says so; a capability stays one', () => {
  expect(notes('shell -n shop pod/web-1 -c app dig x')).toContainEqual(expect.stringMatching(/^-c app: the container/))
  expect(parsed('shell -n shop pod/web-1 -c net_raw dig x')).toMatchObject({ flags: { capabilities: ['NET_RAW'] } })
  expect(parsed('shell -n shop pod/web-1 -c syslog dig x')).toMatchObject({ flags: { capabilities: ['SYSLOG'] } })
  expect(parsed('shell -n shop pod/web-1 -c netadmin dig x')).toMatchObject({ code: 'unknown-capability' })
  expect(parsed('shell -n shop pod/web-1 -c NET_ADMN dig x')).toMatchObject({ code: 'unknown-capability' })
  expect(parsed('shell node001 -c app dig x')).toMatchObject({ code: 'unknown-capability' })
  expect(parsed('shell -n shop -l app=web -c app dig x')).toMatchObject({ from: { container: 'app' } })
  expect(parsed('shell -n shop deploy/web -c app dig x')).toMatchObject({ target: { container: 'app' } })
})

test.each([
  ['*shell node001 dig x.example*', false],
  ['_shell node001 dig x.example_', false],
  ['~shell node001 dig x.example~', false],
  ['**shell node001 dig x.example**', false],
  ['*_shell node001 dig x.example_*', false],
  ['*shell* node001 dig x.example', false],
  ['*shell node001* dig x.example', false],
  ['> shell node001 dig x.example', false],
  ['&gt; shell node001 dig x.example', true],
  ['&gt; *shell node001 dig x.example*', true],
  ['*retina shell node001 dig x.example*', false],
])('%s is read without its formatting', (text, entities) => {
  expect(parsed(text, entities)).toMatchObject({ verb: 'shell', pipeline: [['dig', 'x.example']] })
})

test('signs inside a command are kept', () => {
  expect(parsed("shell node001 grep '*x*' /proc/net/dev")).toMatchObject({
    pipeline: [['grep', '*x*', '/proc/net/dev']],
  })
  expect(parsed('shell node001 nc -vz x_y_ 1')).toMatchObject({ pipeline: [['nc', '-vz', 'x_y_', '1']] })
})

test('IPv6 addresses may be in brackets', () => {
  const command = parsed('shell node001 nc -vz [::1] 6443')
  expect(command).toMatchObject({ verb: 'shell' })
  const planned = command.verb === 'shell' ? plan(command, catalogue, { repo: 'a.io/shell', version: 'v1' }) : undefined
  expect(planned).toMatchObject({ pipeline: [{ argv: ['nc', '-w', '5', '-vz', '::1', '6443'] }] })
})
