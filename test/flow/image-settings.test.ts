import { writeFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { push } from '#test/fakes/registry/state'
import { shown } from '#test/fakes/slack/shown'
import { openApp } from './app.ts'
import { ask, read, short, useImages, write } from './registry-app.ts'
import { configText } from './settings.ts'
import { waitUntil } from './wait-for.ts'

const { registry, shell, image, open } = useImages()

test('a digest in the configuration file is used without asking a registry', async () => {
  const digest = `sha256:${'c'.repeat(64)}`
  const flow = await open({ image: shell().replace('v1 }', `v1, digest: '${digest}' }`) })
  const id = await ask(flow)
  await flow.people.command('U0BOB', `approve ${id}`)
  await flow.shows(/Done, exit code 0/)
  expect(flow.cluster.launched.map(({ spec }) => spec.image)).toEqual([image(digest)])
  expect(registry().state.requests).toEqual([])
  await flow.people.command('U0ALICE', 'version')
  expect(shown(await flow.shows(/shell image/))).toContain(`retina/shell:v1 (${short(digest)})`)
})

test('no registry is asked about an image that the policy doesn’t allow', async () => {
  const flow = await open()
  await flow.people.command('U0ALICE', `shell --retina-shell-image-version v3 node001 dig example.com`)
  await flow.shows(/does not allow the image/)
  expect(registry().state.requests).toEqual([])
})

test('`can-i` shows the digest, and what would prevent an approval', async () => {
  const digest = push(registry().state, 'retina/shell', 'v1')
  const flow = await open()
  await flow.people.command('U0ALICE', `can-i ${write}`)
  expect(shown(await flow.shows(/Only after approval/))).toContain(`retina/shell:v1 (${short(digest)})`)
  await registry().close()
  flow.slack.state.messages.length = 0
  await flow.people.command('U0ALICE', `can-i ${write}`)
  expect(shown(await flow.shows(/Only after approval/))).toContain("The image can't be pinned")
})

test('without pinning, tags are run as they are; a run that was approved that way is not run once pinning is on again', async () => {
  push(registry().state, 'retina/shell', 'v1')
  const { cluster, options, ...flow } = await open({ image: shell(', pin: off'), role: 'bot' })
  const [first, tag] = [await ask(flow), `${registry().host}/retina/shell:v1`]
  expect(shown(await flow.shows(/Needs approval/))).toContain(`Image: ${tag}, digest not known`)
  await flow.people.command('U0BOB', `approve ${first}`)
  await flow.shows(/Queued/)
  const worker = await openApp({ ...options, slack: flow.slack, role: 'worker' })
  await flow.shows(/Done, exit code 0/)
  expect(cluster.launched.map(({ spec }) => spec.image)).toEqual([tag])
  expect(registry().state.requests).toEqual([])
  await worker.stop()
  flow.slack.state.messages.length = 0
  const second = await ask(flow)
  await flow.people.command('U0BOB', `approve ${second}`)
  await openApp({ ...options, slack: flow.slack, role: 'worker', image: shell() })
  await flow.shows(/^:x: Refused[\s\S]*Its image was not pinned when it was approved/)
  expect(cluster.launched).toHaveLength(1)
})

test('a digest that is added to the configuration file takes effect without a restart', async () => {
  const digest = `sha256:${'d'.repeat(64)}`
  const flow = await open({ image: shell(', pin: off') })
  const changed = { ...flow.options, image: shell(', pin: digest').replace('v1 }', `v1, digest: '${digest}' }`) }
  writeFileSync(flow.file, configText(changed, flow.slack))
  await waitUntil('the file was read again', () => flow.logs.some((line) => line.includes('policy file reloaded')))
  await flow.people.command('U0ALICE', read)
  await flow.shows(/Done, exit code 0/)
  expect(flow.cluster.launched.map(({ spec }) => spec.image)).toEqual([image(digest)])
})
