import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from '@jest/globals'
import { playbookNames, playbooks } from '#src/app/playbooks'
import { loadPlaybookFiles } from '#src/playbooks/load-files'
import { useRedis } from '#test/environment/redis'
import { fakeCluster } from '#test/fakes/cluster'
import { shown } from '#test/fakes/slack/shown'
import { openApp } from './app.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()

const policy = `
capabilitySets:
  probe: { tools: [nstat] }
grants:
  - { to: [alice@example.com], sets: [probe], on: [{ nodes: '*' }] }`

const shop = (name = 'shop', above = 0) => `playbook: ${name}
title: Is the shop's node all right?
for: node
checks:
  shop-overflow:
    title: connections that nobody accepted
    run: [nstat -asz TcpExtListenOverflows]
    read: { nstat: true, value: TcpExtListenOverflows }
    warn: { above: ${above}, say: "{value} connections of the shop are lost" }
`

test('a playbook of the owner is listed and runs; a change is read while the program runs, and a mistake changes nothing', async () => {
  await redis.empty()
  const tools = { nstat: () => [{ out: 'TcpExtListenOverflows  7  0.0\n' }] }
  const logs: string[] = []
  const options = { redis: redis.url(), cluster: 'name: dev', openCluster: () => fakeCluster('dev', tools), logs }
  const { people, shows, file } = await openApp({ ...options, policy })
  await people.command('U0ALICE', 'triage node001 shop')
  await shows(/There is no playbook "shop"/)

  const own = join(dirname(file), 'shop.yaml')
  writeFileSync(own, shop())
  writeFileSync(file, `${readFileSync(file, 'utf8')}\nplaybooks: ./shop*.yaml\n`)
  const read = () => logs.filter((line) => line.includes('policy file reloaded')).length
  await waitUntil('the file is read', () => read() === 1)
  await people.command('U0ALICE', 'playbooks')
  expect(shown(await shows(/Playbooks of triage/))).toMatch(/shop +node +1 +shop\.yaml/)
  await people.command('U0ALICE', 'triage node001 shop')
  await shows(/node001: 7 connections of the shop are lost/)

  writeFileSync(own, shop('dns'))
  await waitUntil('the mistake is told', () =>
    logs.some((line) => line.includes('the last valid one stays in effect') && line.includes('shop.yaml:1:11')),
  )
  writeFileSync(own, shop('shop', 100))
  await waitUntil('the file is read again', () => read() === 2)
  await people.command('U0ALICE', 'triage node001 shop')
  await shows(/Nothing found by 1 check on node\/node001/)
})

test('the example of an owner’s playbook is loaded beside those that ship', () => {
  const file = join(import.meta.dirname, '../../deploy/retina.example.yaml')
  const patterns = [{ pattern: './playbook.example.yaml', line: 1, column: 1 }]
  expect(loadPlaybookFiles(file, patterns, playbookNames, playbooks)).toHaveProperty('playbooks')
})
