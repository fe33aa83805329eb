import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { readSearchDomains, resolveHost, searchDomainsOf } from '#src/app/resolve-host'

const failure = (code: string) => Object.assign(new Error(code), { code })

/** Name server with the given answers: addresses, or the code of a failure; NXDOMAIN for every other name. */
function nameServer(answers: Readonly<Record<string, readonly string[] | string>>) {
  const ask = async (name: string, family: 4 | 6): Promise<string[]> => {
    const answer = answers[name] ?? 'ENOTFOUND'
    if (typeof answer === 'string') throw failure(answer)
    const found = answer.filter((address) => address.includes(':') === (family === 6))
    if (found.length === 0) throw failure('ENODATA')
    return found
  }
  const lookups = { resolve4: (name: string) => ask(name, 4), resolve6: (name: string) => ask(name, 6) }
  return lookups as unknown as NonNullable<Parameters<typeof resolveHost>[2]>
}

test('T12 a name has all addresses of both families, and none where it does not exist', async () => {
  const server = nameServer({ 'a.example': ['192.0.2.1', '2001:db8::1'], 'b.example': ['2001:db8::2'] })
  expect(await resolveHost('a.example', [], server)).toEqual(['192.0.2.1', '2001:db8::1'])
  expect(await resolveHost('b.example', [], server)).toEqual(['2001:db8::2'])
  expect(await resolveHost('c.example', [], server)).toEqual([])
})

test.each(['ESERVFAIL', 'ETIMEOUT', 'EREFUSED', 'ECONNREFUSED'])(
  'T12 a name about which the name server says nothing (%s) has not been looked up',
  async (code) => {
    await expect(resolveHost('a.example', [], nameServer({ 'a.example': code }))).rejects.toMatchObject({ code })
  },
)

test('T12 a name is also looked up with each search domain behind it, where that gives an answer', async () => {
  const server = nameServer({
    'web.shop.svc.cluster.local': ['10.96.0.7'],
    'web.broken.example': 'ESERVFAIL',
    'web.corp.example': ['192.0.2.2'],
  })
  const domains = ['shop.svc.cluster.local', 'broken.example', 'corp.example']
  expect(await resolveHost('web', domains, server)).toEqual(['10.96.0.7', '192.0.2.2'])
})

test('T12 a pod has the search domains of its namespace, a node those of this process', () => {
  const own = ['bot.svc.k8s.example', 'svc.k8s.example', 'k8s.example', 'google.internal']
  const pod = { kind: 'pod' as const, cluster: 'dev', namespace: 'shop', name: 'web-1' }
  expect(searchDomainsOf({ kind: 'node', cluster: 'dev', name: 'node001' }, own)).toEqual(own)
  expect(searchDomainsOf(pod, own)).toEqual([
    ...own,
    'shop.svc.cluster.local',
    'svc.cluster.local',
    'cluster.local',
    'shop.svc.k8s.example',
  ])
})

test('search domains are those of the last line in resolv.conf that has any', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'retina-resolv-'))
  const file = join(folder, 'resolv.conf')
  writeFileSync(file, 'domain old.example\nnameserver 127.0.0.1\nsearch  a.example\tb.example \noptions ndots:5\n')
  expect(await readSearchDomains(file)).toEqual(['a.example', 'b.example'])
  expect(await readSearchDomains(join(folder, 'none'))).toEqual([])
  rmSync(folder, { recursive: true })
})
