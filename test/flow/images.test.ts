import { expect, test } from '@jest/globals'
import { push } from '#test/fakes/registry/state'
import { shown } from '#test/fakes/slack/shown'
import { openApp } from './app.ts'
import { ask, read, short, useImages, write } from './registry-app.ts'

const { registry, credentials, image, open, records } = useImages()

const tool = '--retina-shell-image-version v2'

test('card, audit log and pod have the same digest: that of the tag when the run was requested', async () => {
  const digest = push(registry().state, 'retina/shell', 'v1')
  const flow = await open()
  const id = await ask(flow)
  const card = shown(await flow.shows(/Needs approval/))
  expect(card).toContain(`Image: ${registry().host}/retina/shell:v1, digest ${digest}`)
  await flow.people.command('U0BOB', `approve ${id}`)
  await flow.shows(/Done, exit code 0/)
  expect(flow.cluster.launched.map(({ spec }) => spec.image)).toEqual([image(digest)])
  expect(await records('asked')).toMatchObject([{ image: image(digest) }])
  expect(await records('started')).toMatchObject([{ image: image(digest) }])
})

test('T37 a tag that is moved between approval and run: the run is not started, and the audit log has the reason', async () => {
  const first = push(registry().state, 'retina/shell', 'v1')
  const flow = await open()
  const id = await ask(flow)
  const second = push(registry().state, 'retina/shell', 'v1')
  await flow.people.command('U0BOB', `approve ${id}`)
  const ended = shown(await flow.shows(/^:x: Refused/))
  expect(ended).toContain("The image's tag was moved after it was approved: ")
  expect(ended).toContain(`was ${short(first)} and is ${short(second)} now.`)
  expect(flow.cluster.launched).toEqual([])
  expect(await records('alarm')).toMatchObject([{ image: image(first) }])
})

test('T37 a tag that is moved while the approved run is queued: the run is not started', async () => {
  push(registry().state, 'retina/shell', 'v1')
  const { cluster, options, ...flow } = await open({ role: 'bot' })
  const id = await ask(flow)
  await flow.people.command('U0BOB', `approve ${id}`)
  await flow.shows(/Queued/)
  push(registry().state, 'retina/shell', 'v1')
  await openApp({ ...options, slack: flow.slack, role: 'worker' })
  await flow.shows(/^:x: Refused[\s\S]*was moved after it was approved/)
  expect(cluster.launched).toEqual([])
})

test('T15 a tag that is moved after the worker’s check, or while the registry is unavailable, changes nothing: the pod has the digest', async () => {
  const digest = push(registry().state, 'retina/shell', 'v1')
  const flow = await open()
  const id = await ask(flow)
  push(registry().state, 'retina/shell', 'v1')
  await registry().close()
  await flow.people.command('U0BOB', `approve ${id}`)
  await flow.shows(/Done, exit code 0/)
  expect(flow.cluster.launched.map(({ spec }) => spec.image)).toEqual([image(digest)])
})

test('T15 without a known digest, approval isn’t requested; runs that only read use the tag, without a warning', async () => {
  const flow = await open()
  await flow.people.command('U0ALICE', write)
  const refused = shown(await flow.shows(/I could not do that/))
  expect(refused).toContain(
    `The image can't be pinned to a digest (${registry().host} has no retina/shell:v1), so a different image could run than the one approved.`,
  )
  expect(refused).toContain('ask #platform to set shell.image.digest.')
  expect(await records('asked')).toEqual([])
  const before = flow.logs.length
  await flow.people.command('U0ALICE', read)
  const done = shown(await flow.shows(/Done, exit code 0/))
  expect(done).not.toMatch(/image|pinned|registry/i)
  expect(flow.logs.slice(before).filter((line) => /"level":"(warn|error)"/.test(line))).toEqual([])
  expect(flow.cluster.launched.map(({ spec }) => spec.image)).toEqual([`${registry().host}/retina/shell:v1`])
})

test('T15 a standing approval doesn’t cover a run whose image can’t be pinned', async () => {
  push(registry().state, 'retina/shell', 'v1')
  const flow = await open()
  const id = await ask(flow)
  await flow.people.command('U0BOB', `approve --window ${id}`)
  await flow.shows(/Done, exit code 0/)
  await flow.people.command('U0ALICE', write)
  await flow.shows(/Done, exit code 0[\s\S]*Requested by U0ALICE/)
  await registry().close()
  await flow.people.command('U0ALICE', write)
  await flow.shows(/The image can't be pinned/)
})

test('T37 a run that needs no approval is pinned too: if its tag moves while it is queued, it is not started', async () => {
  push(registry().state, 'retina/shell', 'v1')
  const { cluster, options, ...flow } = await open({ role: 'bot', timing: { tagCacheMs: 0 } })
  await flow.people.command('U0ALICE', read)
  await flow.shows(/Queued/)
  const moved = push(registry().state, 'retina/shell', 'v1')
  await openApp({ ...options, slack: flow.slack, role: 'worker' })
  await flow.shows(/^:x: Refused[\s\S]*The image's tag was moved after it was requested/)
  expect(cluster.launched).toEqual([])
  // The bot looks up the new digest, and the worker uses it.
  await flow.people.command('U0ALICE', read)
  await flow.shows(/Done, exit code 0/)
  expect(cluster.launched.map(({ spec }) => spec.image)).toEqual([image(moved)])
})

test('a worker with an outdated cached digest looks the tag up again, and starts a run that was requested after the move', async () => {
  push(registry().state, 'retina/shell', 'v1')
  const { cluster, options, ...flow } = await open({ role: 'bot' })
  await openApp({ ...options, slack: flow.slack, role: 'worker' })
  await flow.people.command('U0ALICE', read)
  await flow.shows(/Done, exit code 0/)
  flow.slack.state.messages.length = 0
  const digest = push(registry().state, 'retina/shell', 'v1')
  // A second bot, which hasn't looked up the tag yet.
  const second = await openApp({ ...options, slack: flow.slack, role: 'bot' })
  await second.people.command('U0ALICE', read)
  await flow.shows(/Done, exit code 0/)
  expect(cluster.launched.map(({ spec }) => spec.image)[1]).toBe(image(digest))
})

test('T37 an image that the person names is pinned and shown too, and refused once its tag was moved', async () => {
  push(registry().state, 'retina/shell', 'v1')
  const digest = push(registry().state, 'retina/shell', 'v2')
  const flow = await open()
  await flow.people.command('U0ALICE', read.replace('shell', `shell ${tool}`))
  await flow.shows(/Done, exit code 0/)
  expect(flow.cluster.launched.map(({ spec }) => spec.image)).toEqual([image(digest, 'v2')])
  const id = await ask(flow, write.replace('shell', `shell ${tool}`))
  expect(shown(await flow.shows(/Needs approval/))).toContain(`retina/shell:v2, digest ${digest}`)
  push(registry().state, 'retina/shell', 'v2')
  await flow.people.command('U0BOB', `approve ${id}`)
  await flow.shows(/^:x: Refused[\s\S]*was moved after it was approved/)
  expect(flow.cluster.launched).toHaveLength(1)
  await flow.people.command(
    'U0ALICE',
    write.replace('shell', 'shell --retina-shell-image-repo a.invalid/x --retina-shell-image-version v2'),
  )
  await flow.shows(
    /can't be pinned to a digest \(a\.invalid is unreachable[\s\S]*Leave out the flags for another image/,
  )
})

test('T39 the registry’s password and tokens are in no log line, no message and no audit record', async () => {
  const { state, host } = registry()
  state.auth = 'bearer'
  push(state, 'retina/shell', 'v1')
  const { name, password } = state.user
  const wrong = `not ${password}`
  credentials({ [host]: { username: name, password } })
  const flow = await open()
  const id = await ask(flow)
  credentials({ [host]: { username: name, password: wrong } })
  await flow.people.command('U0ALICE', write)
  await flow.shows(/can't be pinned to a digest \(the token service of \S+ did not issue a token/)
  await flow.people.command('U0BOB', `approve ${id}`)
  await flow.shows(/Done, exit code 0/)
  const shownToRegistry = [password, wrong].map((each) => Buffer.from(`${name}:${each}`).toString('base64'))
  const secrets = [password, ...shownToRegistry, ...state.tokens.keys()]
  expect(secrets.length).toBeGreaterThan(2)
  const texts = [...flow.logs, ...flow.slack.state.messages.map((each) => JSON.stringify(each))]
  for (const what of ['asked', 'started', 'ended', 'alarm'] as const) texts.push(JSON.stringify(await records(what)))
  expect(texts.filter((line) => secrets.some((secret) => line.includes(secret)))).toEqual([])
})
