import { expect, test } from '@jest/globals'
import type { AuditRecord } from '#core/runs/audit-record'
import { useRedis } from '#test/environment/redis'
import { fakeCluster } from '#test/fakes/cluster'
import { startFakeEntra } from '#test/fakes/entra/server'
import { clientSecret, home } from '#test/fakes/entra/state'
import { shown } from '#test/fakes/slack/shown'
import { slackUser, team } from '#test/fakes/slack/state'
import { type AppOptions, atEnd, openApp } from './app.ts'
import { auditRecordsAt } from './audit-log.ts'
import { policyText } from './settings.ts'

const redis = useRedis()

async function open(change: Partial<AppOptions> = {}) {
  await redis.empty()
  const cluster = fakeCluster('dev', { dig: () => [{ out: 'answer\n' }], cat: () => [{ out: 'content\n' }] })
  const options = { redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, ...change }
  return { ...(await openApp(options)), cluster }
}

const records = (what: AuditRecord['what']) => auditRecordsAt(redis.url(), what)

test('T04 a guest and a stranger whom retina.yaml names can run what is granted to their account; others are refused', async () => {
  const named = [`slack:user/${team}/U0GUEST`, 'slack:user/T0OTHER/U0ALIEN']
  const grant = `  - { to: ['${named.join("', '")}', '*'], sets: [probe], on: [{ nodes: '*' }] }\n`
  const more = `directory: { outsiders: ['${named.join("', '")}'] }`
  const { people, slack, shows, cluster } = await open({ more, policy: `${policyText}${grant}` })
  for (const [at, user] of ['U0GUEST', 'U0ALIEN'].entries()) {
    await people.event(people.mentionBody(user, `shell node001 dig host${at}.example`))
    await shows(new RegExp(`Done, exit code 0[\\s\\S]*host${at}`))
  }
  expect(cluster.launched).toHaveLength(2)
  for (const user of ['U0LONE', 'U0ROBOT', 'U0GONE']) {
    slack.state.messages.length = 0
    await people.command(user, 'shell node001 dig example.com')
    await shows(/have no access|deactivated/)
  }
  expect(cluster.launched).toHaveLength(2)
  expect((await records('unknown-person')).map(({ person }) => person)).toEqual(
    ['U0LONE', 'U0ROBOT', 'U0GONE'].map((user) => `slack:user/${team}/${user}`),
  )
})

test('T04 a button pressed by an unknown account has no effect, and is in the audit log', async () => {
  const policy = policyText.replace(
    'grants:',
    "grants:\n  - { to: [alice@example.com], sets: [host-write], on: [{ nodes: '*' }] }",
  )
  const { people, shows, cluster } = await open({ policy })
  await people.command('U0ALICE', 'shell -w node001 cat /host/x')
  const card = await shows(/Needs approval/)
  const presses = [
    ['U0GUEST', /Guests of this workspace/],
    ['U0ALIEN', /other workspaces and tenants/],
    ['U0GONE', /This account is deactivated/],
  ] as const
  for (const [user, pattern] of presses) {
    await people.press(user, 'approve', card)
    await shows(pattern)
  }
  expect(cluster.launched).toEqual([])
  const all = await records('unknown-person')
  expect(all.map(({ person }) => person)).toEqual([
    `slack:user/${team}/U0GUEST`,
    'slack:user/T0OTHER/U0ALIEN',
    `slack:user/${team}/U0GONE`,
  ])
  for (const { details } of all) expect(details['typed']).toMatch(/^approve \w{12}$/)
  expect(await records('reviewed')).toEqual([])
})

test('T05 an account with Alice’s name can’t decide in her place, by button or by command', async () => {
  const policy = policyText
    .replace('leads: [bob@example.com]', 'leads: [alice@example.com]')
    .replace('grants:', "grants:\n  - { to: [bob@example.com], sets: [host-write], on: [{ nodes: '*' }] }")
  const { people, slack, shows, cluster } = await open({ policy })
  const profile = { display_name: 'Alice', email: 'mallory@example.com' }
  slack.state.users.set('U0FAKE', { ...slackUser('U0FAKE'), name: 'alice', real_name: 'Alice', profile })
  await people.command('U0BOB', 'shell -w node001 cat /host/x')
  const card = await shows(/Needs approval/)
  await people.press('U0FAKE', 'approve', card)
  await shows(/There is no request \w+ that you can decide/)
  expect(cluster.launched).toEqual([])
  expect(await records('reviewed')).toEqual([])
})

test('whoami shows how a person was identified, and their groups', async () => {
  const policy = policyText.replace('leads: [bob@example.com]', "leads: ['slack:usergroup/S0LEADS']")
  const { people, shows } = await open({ policy })
  await people.command('U0BOB', 'whoami')
  expect(shown(await shows(/You are bob@example\.com/))).toContain(
    `You are using Slack as slack:user/${team}/U0BOB. Your groups: Slack user group S0LEADS, leads.`,
  )
  await people.command('U0CAROL', 'whoami')
  expect(shown(await shows(/You are carol@example\.com/))).toContain(
    `You are using Slack as slack:user/${team}/U0CAROL. You are not in any group. You have no access yet. Ask #platform.`,
  )
})

test('people from Entra: readiness names it; without its secret the program doesn’t start', async () => {
  const entra = await startFakeEntra()
  atEnd(entra.close)
  const where = `loginUrl: '${entra.url}', graphUrl: '${entra.url}'`
  const more = `directory: { entra: { tenant: ${home}, clientId: ${entra.state.clientId}, ${where} } }`
  const { health } = await open({ more, env: { ENTRA_CLIENT_SECRET: clientSecret } })
  expect(await (await fetch(`${health}/readyz`)).text()).toContain('ok Microsoft Entra\n')
  const shut = await open({ more, env: { ENTRA_CLIENT_SECRET: 'another' } })
  const away = await fetch(`${shut.health}/readyz`)
  expect(away.status).toBe(503)
  expect(await away.text()).toContain('NOT READY Microsoft Entra: Entra did not issue a token: invalid_client')
  await expect(open({ more })).rejects.toThrow('directory.entra needs ENTRA_CLIENT_SECRET, which is not set.')
})
