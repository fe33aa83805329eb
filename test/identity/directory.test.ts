import { afterEach, expect, test } from '@jest/globals'
import { webClient } from '#adapters/slack/call'
import { slackPeople } from '#adapters/slack/people'
import { addReview, mayReview } from '#core/approvals/approval'
import type { Platform } from '#core/people/platforms'
import type { AccountRef, Principal } from '#core/people/principal'
import type { Directory } from '#core/ports/directory'
import { type AskPlatform, createDirectory, type DirectoryOptions } from '#src/identity/directory'
import { createEntra } from '#src/identity/entra-people'
import { currentPerson } from '#src/lifecycle/revalidate'
import { startFakeEntra } from '#test/fakes/entra/server'
import { clientSecret, type EntraUser, entraGuest, entraUser, home } from '#test/fakes/entra/state'
import { startFakeSlack } from '#test/fakes/slack/server'
import { botToken, slackUser, team } from '#test/fakes/slack/state'
import { silentLog } from '#test/samples/run'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

type Known = ReturnType<DirectoryOptions['known']>

/** Opens a directory with people of a fake Slack and a fake Entra. */
async function open(change: Partial<Known> = {}) {
  const [slack, entra] = [await startFakeSlack(), await startFakeEntra()]
  closing.push(slack.close, entra.close)
  const people = slackPeople(webClient(botToken, slack.apiUrl, silentLog), undefined, silentLog)
  const { state, url, clock } = entra
  const graph = { clientId: state.clientId, clientSecret, loginUrl: url, graphUrl: url, now: () => clock.now }
  const reader = createEntra({
    ...graph,
    tenant: home,
    tenants: [],
    address: 'userPrincipalName',
    sleep: async () => {},
  })
  const platforms = new Map<Platform, AskPlatform>([
    ['slack', ({ team: where, user }) => people.account(where, user)],
    ['teams', reader.account],
  ])
  const known: Known = { groups: {}, people: {}, outsiders: [], ...change }
  const directory = createDirectory({ platforms, known: () => known, log: silentLog })
  const inTeams = (user: EntraUser): AccountRef => {
    state.tenants.get(home)?.users.set(user.id, user)
    return { platform: 'teams', team: home, user: user.id }
  }
  return { directory, slack, entra, inTeams, known }
}

const inSlack = (user: string): AccountRef => ({ platform: 'slack', team, user })

async function person(directory: Directory, account: AccountRef): Promise<Principal> {
  const found = await directory.person(account)
  if ('refused' in found) throw new Error(found.refused)
  return found
}

test('accounts in Slack and Teams with the same verified address are one person, whatever its upper and lower case', async () => {
  const { directory, inTeams, known } = await open({
    groups: { leads: ['alice@example.com', 'slack:usergroup/S0LEADS'] },
  })
  const teams = inTeams(entraUser('Alice', { displayName: 'A. Smith' }))
  const [one, other] = [await person(directory, inSlack('U0ALICE')), await person(directory, teams)]
  expect([one.id, other.id]).toEqual(['alice@example.com', 'alice@example.com'])
  expect(one.groups).toEqual([`slack:user/${team}/U0ALICE`, 'group:leads'])
  expect(other.groups).toEqual([`teams:user/${home}/${teams.user}`, 'group:leads'])
  known.groups = {}
  expect((await person(directory, teams)).groups).toEqual([`teams:user/${home}/${teams.user}`])
})

/** Returns the approval by `reviewer` of a request by `asker`, or its refusal. */
function approves(asker: Principal, reviewer: Principal, account: AccountRef) {
  const rule = { from: ['group:leads'], quorum: 1, within: 900, reason: 'optional' as const }
  const expiresAt = '2026-11-24T03:15:00.000Z'
  const approval = { specHash: 'x', rule, requester: asker.id, expiresAt, reviews: [], cards: [] }
  const added = addReview(approval, reviewer, { verdict: 'approve', account }, '2026-11-24T03:00:00.000Z')
  return { mayReview: mayReview(approval, reviewer), refused: 'refused' in added ? added.refused : undefined }
}

test('T14 a person who requests in Slack can’t approve it in Teams', async () => {
  const { directory, inTeams } = await open({ groups: { leads: ['alice@example.com', 'bob@example.com'] } })
  const [alice, bob] = [inTeams(entraUser('alice')), inTeams(entraUser('bob'))]
  const asker = await person(directory, inSlack('U0ALICE'))
  expect(approves(asker, await person(directory, alice), alice)).toEqual({ mayReview: false, refused: 'own-request' })
  expect(approves(asker, await person(directory, bob), bob)).toEqual({ mayReview: true, refused: undefined })
  // The other way round.
  const inverse = await person(directory, alice)
  const slackAlice = inSlack('U0ALICE')
  expect(approves(inverse, await person(directory, slackAlice), slackAlice).refused).toBe('own-request')
})

test('T14 accounts that the owner links are one person, though their addresses differ', async () => {
  const user = entraUser('a.smith')
  const accounts = [`slack:user/${team}/U0ALICE`, `teams:user/${home.toUpperCase()}/${user.id.toUpperCase()}`]
  const groups = { leads: ['alice@example.com', 'a.smith@example.com'] }
  const apart = await open({ groups })
  const inTeams = apart.inTeams(user)
  const [slackAlice, smith] = [
    await person(apart.directory, inSlack('U0ALICE')),
    await person(apart.directory, inTeams),
  ]
  expect(approves(slackAlice, smith, inTeams).refused).toBeUndefined()
  apart.known.people = { 'alice@example.com': accounts }
  const [one, other] = [await person(apart.directory, inSlack('U0ALICE')), await person(apart.directory, inTeams)]
  expect(one.id).toBe(other.id)
  expect(approves(one, other, inTeams).refused).toBe('own-request')
})

test.each([
  ['U0GUEST', /Guests/],
  ['U0LONE', /Guests/],
  ['U0ALIEN', /other workspaces and tenants/],
  ['U0ROBOT', /Other bots/],
  ['U0GONE', /deactivated/],
  ['U0NOBODY', /does not know this account/],
])('T04 %s is refused permanently, with a reason', async (user, pattern) => {
  const { directory } = await open()
  expect(await directory.person(inSlack(user))).toMatchObject({
    refused: expect.stringMatching(pattern),
    temporary: false,
    account: { platform: 'slack', user },
  })
})

test('T04 guests and strangers whom the owner names are accepted, as their account only; bots and deactivated accounts never', async () => {
  const guest = entraGuest('alice@example.com')
  const outsiders = [
    `slack:user/${team}/U0GUEST`,
    'slack:user/T0OTHER/U0ALIEN',
    `slack:user/${team}/U0ROBOT`,
    `slack:user/${team}/U0GONE`,
    `slack:user/${team}/U0NOBODY`,
    `teams:user/${home}/${guest.id}`,
  ]
  const { directory, inTeams } = await open({ outsiders })
  const served = [inSlack('U0GUEST'), inSlack('U0ALIEN'), inTeams(guest)]
  const ids = await Promise.all(served.map(async (each) => (await person(directory, each)).id))
  // Their addresses don't count, although U0ALIEN's workspace and the guest's tenant give Alice's address.
  expect(ids).toEqual([`slack:user/${team}/U0GUEST`, 'slack:user/T0OTHER/U0ALIEN', `teams:user/${home}/${guest.id}`])
  for (const user of ['U0ROBOT', 'U0GONE', 'U0NOBODY', 'U0LONE'])
    expect(await directory.person(inSlack(user))).toMatchObject({ temporary: false })
})

test('T05 an account with Alice’s name is another person, in Slack and in Teams', async () => {
  const { directory, inTeams, slack } = await open({ groups: { leads: ['alice@example.com'] } })
  const profile = { display_name: 'Alice', email: 'mallory@example.com' }
  slack.state.users.set('U0FAKE', { ...slackUser('U0FAKE'), name: 'alice', real_name: 'Alice', profile })
  const claims = { displayName: 'Alice', mail: 'alice@example.com' }
  const fakes = [inSlack('U0FAKE'), inTeams(entraUser('mallory', claims))]
  for (const fake of fakes) {
    const found = await person(directory, fake)
    expect(found).toMatchObject({ id: 'mallory@example.com', name: 'Alice' })
    expect(found.groups).not.toContain('group:leads')
  }
})

test('an unavailable platform gives a temporary refusal with that reason', async () => {
  const { directory, inTeams, entra } = await open()
  const alice = inTeams(entraUser('alice'))
  entra.misbehave(() => ({ status: 503 }))
  const away = await directory.person(alice)
  const refused = "Microsoft Entra can't look up this account at the moment. Try again in a minute."
  expect(away).toEqual({ refused, temporary: true, account: alice })
  entra.misbehave(undefined)
  expect((await person(directory, alice)).id).toBe('alice@example.com')
})

test('T18 an account that now belongs to another person doesn’t continue the first person’s requests', async () => {
  const { directory, inTeams, entra } = await open()
  const user = entraUser('alice')
  const account = inTeams(user)
  expect(await currentPerson({ directory }, { id: 'alice@example.com', account })).toMatchObject({
    id: 'alice@example.com',
  })
  inTeams({ ...user, userPrincipalName: 'mallory@example.com' })
  entra.clock.now += 60_000
  expect(await currentPerson({ directory }, { id: 'alice@example.com', account })).toMatchObject({
    refused: expect.stringContaining('another person'),
    temporary: false,
  })
})

test('a service principal is one only while the file says so, and has no groups of the file', async () => {
  const { directory } = await open({ services: ['prod'], groups: { all: ['service:prod'] } })
  const account: AccountRef = { ...inSlack('service:prod'), service: 'prod' }
  expect(await person(directory, account)).toEqual({ id: 'service:prod', name: 'alerts of prod', groups: [] })
  expect(await directory.person({ ...account, service: 'staging' })).toMatchObject({ temporary: false })
  const without = await open()
  expect(await without.directory.person(account)).toMatchObject({ refused: expect.stringContaining('any more') })
})
