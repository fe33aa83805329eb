import { z } from 'zod'
import type { AccountRef } from '#core/people/principal'
import type { Account } from '#core/ports/chat'
import { memoize } from '#core/util/memoize'
import { defaultTiming } from '#core/util/timing'
import { type GraphOptions, openGraph } from './graph.ts'

export type EntraOptions = GraphOptions & {
  /** Object ids of the tenant whose people are served, and of others that the owner names. */
  tenant: string
  tenants: readonly string[]
  /** Which of a member's addresses they are known by elsewhere. */
  address: 'userPrincipalName' | 'mail'
}

export type Entra = {
  /** Who a Teams account is: `user` is the Entra object id, `team` the tenant's. Rejects with `ChatError`. */
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

const fields = Object.keys(userAnswer.shape).join(',')

/**
 * People of Microsoft Entra, read from Microsoft Graph. Application permissions: User.Read.All, GroupMember.Read.All, Organization.Read.All.
 */
export function openEntra(options: EntraOptions): Entra {
  const graph = openGraph(options)
  const { personCacheMs } = options.timing ?? defaultTiming
  const served = [options.tenant, ...options.tenants].map((each) => each.toLowerCase())

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
      // Without query options: those need an index of Graph's that lags behind what an admin has just changed.
      const [user, memberOf, verified] = await Promise.all([
        graph.read(tenant, `/users/${id}?$select=${fields}`, userAnswer),
        graph.list(tenant, `/users/${id}/transitiveMemberOf`, memberOfAnswer),
        domains(tenant),
      ])
      if (user === undefined || memberOf === undefined) return nobody(id, 'unknown')
      const email = verifiedAddress(user, options.address, verified)
      const groups = memberOf.filter((each) => each['@odata.type'] === '#microsoft.graph.group')
      return {
        name: user.displayName || user.userPrincipalName,
        kind: kindOf(user),
        ...(email === undefined ? {} : { email }),
        groups: groups.map((group) => `teams:group/${group.id}`),
      }
    },
    options.now,
    personCacheMs,
  )

  return {
    async account(ref) {
      const [tenant, id] = [ref.team.toLowerCase(), ref.user.toLowerCase()]
      const account = { platform: ref.platform, team: tenant, user: id }
      if (!served.includes(tenant)) return { ...account, ...nobody(ref.user, 'stranger') }
      if (!guid.test(id)) return { ...account, ...nobody(ref.user, 'unknown') }
      return { ...account, ...(await people(`${tenant}/${id}`)) }
    },
    check: () => domains(options.tenant.toLowerCase()),
  }
}

function nobody(name: string, kind: Account['kind']): Omit<Account, keyof AccountRef> {
  return { name, kind, groups: [] }
}

/** What Graph doesn't say counts as the worse. */
function kindOf(user: User): Account['kind'] {
  if (user.accountEnabled !== true) return 'deactivated'
  return user.userType === 'Member' && !isExternal(user) ? 'member' : 'guest'
}

/** True for who signs in elsewhere and was only invited, whatever they are called here. */
function isExternal({ userPrincipalName, identities }: User): boolean {
  return userPrincipalName.includes('#EXT#') || (identities ?? []).some(({ signInType }) => signInType === 'federated')
}

/**
 * An address of a member's in a domain that the tenant has proven to be its own; a domain can be proven by one tenant only. `mail`
 * by itself is just what somebody has written down, and a guest's is another tenant's to give.
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
