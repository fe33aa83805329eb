import { expect, test } from '@jest/globals'
import { findTriageTargets } from '#src/bot/triage/find-targets'
import { parse } from '#src/command/parse'
import { frontNode, frontPod, openTriages } from '#test/samples/triage'

/** Returns what a person's `triage …` finds. */
async function find(user: string, text: string, all = openTriages()) {
  const { ctx } = all.typed(user, text)
  const command = parse({ text }, all.bot.catalogue)
  if (command.verb !== 'triage' || command.on === 'again') throw new Error(command.verb)
  const found = await findTriageTargets(all.bot, ctx, all.bot.rules(), { on: command.on })
  if ('kind' in found) return { refused: 'message' in found ? found.message : found.kind }
  const targets = found.targets.map(({ target, shownAs, ofPod }) => ({
    name: target.name,
    kind: target.kind,
    shownAs,
    ...(ofPod ? { ofPod } : {}),
  }))
  return { where: found.where, of: found.of, targets, skipped: found.skipped }
}

test('a node is itself; a pod comes with its node, where the person may name that', async () => {
  expect(await find('alice', 'triage node001')).toEqual({
    where: 'node/node001',
    of: 'node',
    targets: [{ name: 'node001', kind: 'node', shownAs: 'node/node001' }],
    skipped: [],
  })
  const shownAs = '-n shop pod/front-b'
  expect(await find('alice', 'triage -n shop pod/front-b')).toMatchObject({
    of: 'pod',
    targets: [
      { name: 'front-b', kind: 'pod', shownAs },
      { name: 'node001', kind: 'node', shownAs, ofPod: true },
    ],
  })
  expect(await find('carol', 'triage -n shop pod/front-b')).toMatchObject({ targets: [{ name: 'front-b' }] })
})

test('of a pod in which nothing can be started, its node is looked at, where the person may name that', async () => {
  const all = openTriages()
  const message = 'The pod front-b crashes again and again (CrashLoopBackOff).'
  all.cluster.problems.set('front-b', { problem: 'not-running', message, node: 'node001' })
  expect(await find('alice', 'triage -n shop pod/front-b', all)).toEqual({
    where: '-n shop pod/front-b',
    of: 'pod',
    targets: [{ name: 'node001', kind: 'node', shownAs: '-n shop pod/front-b', ofPod: true }],
    skipped: [{ why: message.slice(0, -1), targets: ['-n shop pod/front-b'] }],
  })
  expect(await find('carol', 'triage -n shop pod/front-b', all)).toEqual({ refused: message })
})

test('of an owner, one pod that the person may name, a ready one first', async () => {
  expect(await find('alice', 'triage -n shop deploy/front')).toMatchObject({
    where: '-n shop pod/front-b, the ready one of deploy/front',
    targets: [{ name: 'front-b' }, { ofPod: true }],
  })
  const all = openTriages({ pods: [frontPod('front-a'), frontPod('front-b', { ready: false })] })
  expect(await find('carol', 'triage -n shop deploy/front', all)).toMatchObject({
    where: '-n shop pod/front-b, none of 1 is ready of deploy/front',
  })
})

test('with --all, all pods of an owner; with a selector, all that match', async () => {
  expect(await find('alice', 'triage -n shop deploy/front --all')).toMatchObject({
    where: 'pods of deploy/front in shop',
    of: 'pod',
    targets: [{ name: 'front-a' }, { name: 'front-b' }],
  })
  const all = openTriages({ nodes: [frontNode('f1'), frontNode('f2'), { ...frontNode('w1'), os: 'windows' }] })
  expect(await find('alice', 'triage -l tier=front', all)).toMatchObject({
    where: 'nodes with tier=front',
    targets: [{ name: 'f1' }, { name: 'f2' }],
    skipped: [{ why: expect.stringContaining('Windows'), targets: ['node/w1'] }],
  })
})

test.each([
  ['alice', 'triage node999', /There is no node "node999"/],
  ['dave', 'triage node001', /^You have no access to node\/node001\.$/],
  ['dave', 'triage node999', /^You have no access to node\/node999\.$/],
  ['dave', 'triage -l pool=web', /^There are no nodes with pool=web that you have access to\.$/],
  ['dave', 'triage -n shop deploy/front', /there is no pod of deploy\/front that you may name/],
  ['alice', 'triage -n shop deploy/nosuch', /there is no pod of deploy\/nosuch that you may name/],
  ['alice', 'triage node001 --context lab', /There is no cluster "lab"\. Leave out --context to use dev\./],
  ['alice', 'triage win001', /Windows/],
])('%s: `%s` is refused', async (user, text, message) => {
  expect(await find(user, text)).toEqual({ refused: expect.stringMatching(message) })
})

test('more targets than a person may have expected have to be confirmed', async () => {
  const all = openTriages({ nodes: Array.from({ length: 12 }, (_none, at) => frontNode(`f${at}`)) })
  expect(await find('alice', 'triage -l tier=front', all)).toEqual({
    refused: expect.stringContaining('12 nodes with tier=front. Confirm the number'),
  })
  expect(await find('alice', 'triage -l tier=front --targets 12', all)).toMatchObject({ of: 'node' })
})

test('what --to names is looked up once for all targets', async () => {
  const requestsFor = async (text: string) => {
    const all = openTriages({ nodes: [frontNode('f1'), frontNode('f2'), frontNode('f3')] })
    const { service } = all.cluster
    let requests = 0
    all.cluster.service = (...args) => {
      requests += 1
      return service(...args)
    }
    const { ctx } = all.typed('alice', text)
    const command = parse({ text }, all.bot.catalogue)
    if (command.verb !== 'triage' || command.on === 'again') throw new Error(command.verb)
    const { on, to } = command
    if (to === undefined) throw new Error('nothing is named')
    const found = await findTriageTargets(all.bot, ctx, all.bot.rules(), { on, to })
    const targets = 'kind' in found ? [] : found.targets
    return { requests, hosts: targets.map(({ known }) => known.toHost) }
  }
  const one = await requestsFor('triage node/f1 --to front.shop:80')
  expect(one.requests).toBeGreaterThan(0)
  const host = ['front.shop']
  expect(await requestsFor('triage -l tier=front --to front.shop:80')).toEqual({
    requests: one.requests,
    hosts: [host, host, host],
  })
})
