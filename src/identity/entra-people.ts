import { z } from 'zod'
import type { Account } from '#core/people/account'
import { groupSubject } from '#core/people/platforms'
import type { AccountRef } from '#core/people/principal'
import { defaultTiming } from '#core/util/default-timings'
import { defined } from '#core/util/defined'
import { memoize } from '#core/util/memoize'
import { createGraph, type GraphOptions } from './graph.ts'

export type EntraOptions = GraphOptions & {
  /** Id of the tenant whose people are served; `tenants`: ids of further ones that the owner names. */
  tenant: string
  tenants: readonly string[]
  /** Field of a member's address that identifies them elsewhere. */
  address: 'userPrincipalName' | 'mail'
}

export type Entra = {
  /** Looks up a Teams account: `user` is the Entra object id, `team` the tenant's. Rejects with `ChatError`. */
  account: (account: AccountRef) => Promise<Account>
  /** Rejects with `ChatError` when Graph can't be read. */
  check: () => Promise<unknown>
}

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

const userAnswer = z.object({
  id: z.string(),
  displayName: z.string().nullish(),
  userPrincipalName: z.string(),
  mail: z.string().nullish(),
  accountEnabled: z.boolean().nullish(),
  userType: z.string().nullish(),
  identities: z.array(z.object({ signInType: z.string().nullish() })).nullish(),
})
type User = z.infer<typeof userAnswer>

const memberOfAnswer = z.object({ '@odata.type': z.string(), id: z.string() })
const organisationAnswer = z.object({ verifiedDomains: z.array(z.object({ name: z.string() })) })

const userFields = Object.keys(userAnswer.shape).join(',')

/**
 * Creates the lookup of people in Microsoft Entra, over Microsoft Graph. Application permissions: User.Read.All,
 * GroupMember.Read.All, Organization.Read.All.
 */
export function createEntra(options: EntraOptions): Entra {
  const graph = createGraph(options)
  const { personCacheMs } = options.timing ?? defaultTiming
  const servedTenants = [options.tenant, ...options.tenants].map((each) => each.toLowerCase())

  const domains = memoize(
    async (tenant) => {
      const [organisation] = (await graph.list(tenant, '/organization', organisationAnswer)) ?? []
      return new Set(organisation?.verifiedDomains.map(({ name }) => name.toLowerCase()))
    },
    options.now,
    personCacheMs,
  )

  const people = memoize(
    async (key): Promise<Omit<Account, keyof AccountRef>> => {
      const [tenant = '', id = ''] = key.split('/')
      // Without query options, because those need an index of Graph's that lags behind an admin's latest changes.
      const [user, memberOf, verified] = await Promise.all([
        graph.read(tenant, `/users/${id}?$select=${userFields}`, userAnswer),
        graph.list(tenant, `/users/${id}/transitiveMemberOf`, memberOfAnswer),
        domains(tenant),
      ])
      if (user === undefined || memberOf === undefined) return createNonMember(id, 'unknown')
      const email = verifiedAddress(user, options.address, verified)
      const groups = memberOf.filter((each) => each['@odata.type'] === '#microsoft.graph.group')
      return {
        name: user.displayName || user.userPrincipalName,
        kind: kindOf(user),
        ...defined({ email }),
        groups: groups.map((group) => groupSubject('teams', group.id)),
      }
    },
    options.now,
    personCacheMs,
  )

  return {
    async account(ref) {
      const [tenant, id] = [ref.team.toLowerCase(), ref.user.toLowerCase()]
      const account = { platform: ref.platform, team: tenant, user: id }
      if (!servedTenants.includes(tenant)) return { ...account, ...createNonMember(ref.user, 'stranger') }
      if (!guid.test(id)) return { ...account, ...createNonMember(ref.user, 'unknown') }
      return { ...account, ...(await people(`${tenant}/${id}`)) }
    },
    check: () => domains(options.tenant.toLowerCase()),
  }
}

function createNonMember(name: string, kind: Account['kind']): Omit<Account, keyof AccountRef> {
  return { name, kind, groups: [] }
}

/** Returns the kind of an account; what Graph leaves out counts as the less privileged one. */
function kindOf(user: User): Account['kind'] {
  if (user.accountEnabled !== true) return 'deactivated'
  return user.userType === 'Member' && !isExternal(user) ? 'member' : 'guest'
}

/** Returns true for invited people who sign in with another organisation, whatever their `userType`. */
function isExternal({ userPrincipalName, identities }: User): boolean {
  return userPrincipalName.includes('#EXT#') || (identities ?? []).some(({ signInType }) => signInType === 'federated')
}

/**
 * Returns a member's address in a domain that the tenant has verified; only one tenant can verify a domain. `mail` by
 * itself is unverified text, and a guest's address is assigned by another tenant.
 */
function verifiedAddress(
  user: User,
  field: EntraOptions['address'],
  verified: ReadonlySet<string>,
): string | undefined {
  const address = user[field]?.toLowerCase()
  const [, domain = ''] = /^[^\s@]+@([^\s@]+)$/.exec(address ?? '') ?? []
  return kindOf(user) === 'member' && verified.has(domain) ? address : undefined
}
