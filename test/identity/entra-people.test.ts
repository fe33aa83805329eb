import { afterEach, expect, test } from '@jest/globals'
import type { AccountRef } from '#core/people/principal'
import { ChatError } from '#core/ports/chat'
import { defaultTiming } from '#core/util/default-timings'
import { createEntra, type EntraOptions } from '#src/identity/entra-people'
import { type FakeEntra, startFakeEntra } from '#test/fakes/entra/server'
import { clientSecret, type EntraUser, entraGuest, entraUser, guidOf, home, other } from '#test/fakes/entra/state'

const { personCacheMs } = defaultTiming

const opened: FakeEntra[] = []
afterEach(async () => {
  for (const fake of opened.splice(0)) await fake.close()
})

/** Opens a fake Entra with a clock that doesn't advance; waits are recorded and end at once. */
async function open(change: Partial<EntraOptions> = {}) {
  const fake = await startFakeEntra()
  opened.push(fake)
  const { state, clock, url } = fake
  const slept: number[] = []
  const entra = createEntra({
    tenant: home,
    tenants: [],
    address: 'userPrincipalName',
    clientId: state.clientId,
    clientSecret,
    loginUrl: url,
    graphUrl: url,
    now: () => clock.now,
    sleep: async (milliseconds) => void slept.push(milliseconds),
    ...change,
  })
  const tenantOf = (id: string) => {
    const tenant = state.tenants.get(id)
    if (tenant === undefined) throw new Error(`no tenant ${id}`)
    return tenant
  }
  const add = (user: EntraUser, tenant = home): AccountRef => {
    tenantOf(tenant).users.set(user.id, user)
    return { platform: 'teams', team: tenant, user: user.id }
  }
  const group = (serial: number, members: string[], type: 'group' | 'directoryRole' = 'group') =>
    void tenantOf(home).groups.set(guidOf(serial), { id: guidOf(serial), type, members })
  const asked = (pattern: RegExp) => state.calls.filter(({ what }) => pattern.test(what)).length
  return { ...fake, entra, slept, add, group, asked, tenantOf }
}

test('a member has a verified address, a name, and all groups, including nested ones; roles are no groups', async () => {
  const { entra, add, group } = await open()
  const alice = add(entraUser('Alice'))
  group(20, [alice.user])
  group(21, [guidOf(20)])
  group(22, ['somebody-else'])
  group(23, [alice.user], 'directoryRole')
  expect(await entra.account(alice)).toEqual({
    ...alice,
    name: 'Alice',
    email: 'alice@example.com',
    kind: 'member',
    groups: [`teams:group/${guidOf(20)}`, `teams:group/${guidOf(21)}`],
  })
  // Ids in upper case are the same account.
  const upperCase = { ...alice, team: home.toUpperCase(), user: alice.user.toUpperCase() }
  expect(await entra.account(upperCase)).toMatchObject(alice)
})

test('all pages of groups are read', async () => {
  const { entra, add, group, state, asked } = await open()
  const alice = add(entraUser('alice'))
  state.pageSize = 7
  for (let serial = 100; serial < 150; serial += 1) group(serial, [alice.user])
  expect((await entra.account(alice)).groups).toHaveLength(50)
  expect(asked(/transitiveMemberOf/)).toBe(8)
})

test.each<[string, EntraUser, string]>([
  ['a guest', entraGuest('alice@partner.example'), 'guest'],
  ['a guest with an account of our own', entraUser('alice', { userType: 'Guest' }), 'guest'],
  ['somebody invited who is called a member', entraGuest('a@partner.example', { userType: 'Member' }), 'guest'],
  [
    'somebody invited under a name of ours',
    entraGuest('a@p.example', { userType: 'Member', userPrincipalName: 'alice@example.com' }),
    'guest',
  ],
  ['somebody of whom Graph doesn’t say what they are', entraUser('alice', { userType: null }), 'guest'],
  ['an account that was shut', entraUser('alice', { accountEnabled: false }), 'deactivated'],
  [
    'an account of which Graph doesn’t say that it is open',
    entraUser('alice', { accountEnabled: null }),
    'deactivated',
  ],
])('T04 %s is recognised as such, and has no verified address', async (_what, user, kind) => {
  const { entra, add } = await open()
  const found = await entra.account(add(user))
  expect(found.kind).toBe(kind)
  expect(found.email).toBeUndefined()
})

test('T04 accounts of other tenants are strangers, and Graph isn’t asked about them; unknown accounts don’t exist', async () => {
  const { entra, add, state, tenantOf } = await open()
  tenantOf(other).consented = true
  const bert = add(entraUser('bert', {}, 'partner.example'), other)
  expect(await entra.account(bert)).toMatchObject({ kind: 'stranger', groups: [] })
  expect(state.calls).toEqual([])
  const nobody = { platform: 'teams' as const, team: home, user: guidOf(77) }
  expect(await entra.account(nobody)).toMatchObject({ kind: 'unknown', groups: [] })
  for (const user of ['alice@example.com', '../organization', `${guidOf(77)}/manager`])
    expect((await entra.account({ ...nobody, user })).kind).toBe('unknown')
  expect(state.calls.filter(({ what }) => /manager|users\/organization|alice/.test(what))).toEqual([])
})

test('T04 accounts of a tenant that the owner names are accepted, with addresses of its own domains only', async () => {
  const { entra, add, tenantOf } = await open({ tenants: [other] })
  tenantOf(other).consented = true
  const bert = add(entraUser('bert', {}, 'partner.example'), other)
  expect(await entra.account(bert)).toMatchObject({ kind: 'member', email: 'bert@partner.example' })
  const fake = add(entraUser('alice', {}, 'example.com'), other)
  expect((await entra.account(fake)).email).toBeUndefined()
})

test('T05 a name, or an unverified address, makes no account Alice', async () => {
  const { entra, add } = await open()
  const claims = { displayName: 'Alice', mail: 'alice@example.com' }
  expect((await entra.account(add(entraUser('mallory', claims)))).email).toBe('mallory@example.com')
  const elsewhere = add(entraUser('mallory', claims, 'evil.example'))
  expect((await entra.account(elsewhere)).email).toBeUndefined()
})

test('if the owner chooses `mail` as address, it counts in the tenant’s own domains only', async () => {
  const { entra, add } = await open({ address: 'mail' })
  const alice = add(entraUser('a.smith', { mail: 'Alice@example.com' }))
  expect((await entra.account(alice)).email).toBe('alice@example.com')
  const claim = add(entraUser('mallory', { mail: 'bob@partner.example' }))
  expect((await entra.account(claim)).email).toBeUndefined()
  expect((await entra.account(add(entraUser('nomail', { mail: null })))).email).toBeUndefined()
})

test('T19 leaving a group, and a deactivation, take effect within a minute; until then Graph is asked once', async () => {
  const { entra, add, group, tenantOf, clock, asked } = await open()
  const user = entraUser('alice')
  const alice = add(user)
  group(20, [alice.user])
  expect((await entra.account(alice)).groups).toHaveLength(1)
  group(20, [])
  tenantOf(home).users.set(user.id, { ...user, accountEnabled: false })
  clock.now += personCacheMs - 1
  expect(await entra.account(alice)).toMatchObject({ kind: 'member', groups: [`teams:group/${guidOf(20)}`] })
  expect(asked(/transitiveMemberOf/)).toBe(1)
  clock.now += 1
  expect(await entra.account(alice)).toMatchObject({ kind: 'deactivated', groups: [] })
})

test('a token is used until shortly before it expires, and a revoked one is replaced', async () => {
  const { entra, add, state, clock, asked } = await open()
  const alice = add(entraUser('alice'))
  await entra.account(alice)
  clock.now += 3_500_000
  await entra.account(alice)
  expect(asked(/token/)).toBe(1)
  clock.now += 61_000
  await entra.account(alice)
  expect(asked(/token/)).toBe(2)
  state.tokens.clear()
  clock.now += personCacheMs
  expect((await entra.account(alice)).kind).toBe('member')
  expect(state.calls.some(({ status }) => status === 401)).toBe(true)
})

test('throttled requests wait as long as Graph says and are retried; 5xx and cut responses are retried too', async () => {
  const { entra, add, misbehave, slept } = await open()
  const alice = add(entraUser('alice'))
  const faults = [{ status: 429, headers: { 'retry-after': '7' } }, { status: 503 }, 'cut' as const]
  misbehave((what) => (/transitiveMemberOf/.test(what) ? faults.shift() : undefined))
  expect((await entra.account(alice)).kind).toBe('member')
  expect(slept[0]).toBe(7_000)
  expect(slept).toHaveLength(3)
})

test.each([
  ['throttled without end', { status: 429, headers: { 'retry-after': '2' } }, 3],
  ['throttled for longer than the timeout', { status: 429, headers: { 'retry-after': '300' } }, 0],
  ['broken', { status: 500 }, 3],
  ['a page of some proxy', { status: 200 }, 0],
  ['forbidden', { status: 403, body: { error: { code: 'Authorization_RequestDenied' } } }, 0],
  ['of another shape', { status: 200, body: { id: 5 } }, 0],
])(
  'a response that is %s is an error: the lookup fails soon, and no identity is returned',
  async (_what, fault, waits) => {
    const { entra, add, misbehave, slept } = await open()
    const alice = add(entraUser('alice'))
    misbehave((what) => (/users\/[^/]+$/.test(what) ? fault : undefined))
    await expect(entra.account(alice)).rejects.toThrow(ChatError)
    expect(slept).toHaveLength(waits)
    misbehave(undefined)
    expect((await entra.account(alice)).kind).toBe('member')
  },
)

test('T39 a wrong secret is reported by Entra’s code for it, and neither secret nor token is in any error', async () => {
  const { entra, add, state, misbehave } = await open()
  const alice = add(entraUser('alice'))
  state.clientSecret = 'rotated'
  const refused = await entra.account(alice).catch((error: unknown) => error)
  expect(String(refused)).toContain('Entra did not issue a token: invalid_client')
  state.clientSecret = clientSecret
  misbehave((what) => (/users/.test(what) ? { status: 403 } : undefined))
  const denied = await entra.account(alice).catch((error: unknown) => error)
  const secrets = [clientSecret, ...state.tokens.keys()]
  expect(secrets).toHaveLength(2)
  for (const error of [refused, denied]) {
    const { message, stack = '', cause } = error as Error
    for (const secret of secrets) expect(`${message}${stack}${JSON.stringify(cause)}`).not.toContain(secret)
  }
})

test('a token is sent to Graph only: not to a link to the next page elsewhere, nor to a redirect', async () => {
  const { entra, add, misbehave } = await open()
  const alice = add(entraUser('alice'))
  const attacker = await startFakeEntra()
  opened.push(attacker)
  const page = { value: [], '@odata.nextLink': `${attacker.url}/v1.0/steal` }
  misbehave((what) => (/transitiveMemberOf/.test(what) ? { status: 200, body: page } : undefined))
  await expect(entra.account(alice)).rejects.toThrow(ChatError)
  const headers = { location: `${attacker.url}/v1.0/steal` }
  misbehave((what) => (/transitiveMemberOf/.test(what) ? { status: 302, headers } : undefined))
  await expect(entra.account(alice)).rejects.toThrow(ChatError)
  expect(attacker.state.calls).toEqual([])
})

test('readiness reports whether the tenant can be read, or why not', async () => {
  const { entra, tenantOf } = await open()
  await expect(entra.check()).resolves.toBeDefined()
  const shut = await open()
  shut.tenantOf(home).consented = false
  await expect(shut.entra.check()).rejects.toThrow('Entra did not issue a token: unauthorized_client')
  expect(tenantOf(home).consented).toBe(true)
})
