import { randomUUID } from 'node:crypto'

/** What the stand-in for Microsoft Entra knows: tenants with their domains, users and groups, and who may read them. */
export type EntraUser = {
  id: string
  displayName: string
  userPrincipalName: string
  mail: string | null
  accountEnabled: boolean | null
  userType: string | null
  identities: { signInType: string; issuer: string; issuerAssignedId: string | null }[]
}

export type EntraGroup = {
  id: string
  type: 'group' | 'directoryRole' | 'administrativeUnit'
  /** Ids of users and of groups. */
  members: string[]
}

export type EntraTenant = {
  id: string
  domains: string[]
  users: Map<string, EntraUser>
  groups: Map<string, EntraGroup>
  /** True where an admin let our application read it. */
  consented: boolean
}

export type EntraState = {
  tenants: Map<string, EntraTenant>
  clientId: string
  clientSecret: string
  /** Tokens in force: which tenant, and until when in milliseconds. */
  tokens: Map<string, { tenant: string; until: number }>
  /** Seconds that a new token lives. */
  tokenLife: number
  pageSize: number
  /** Every request: method, path, and the status that was answered. */
  calls: { what: string; status: number }[]
}

export const clientSecret = 'entra-test-secret-3f8~Q'

/** A guid that is easy to tell apart. */
export function guidOf(serial: number): string {
  return `00000000-0000-4000-8000-${String(serial).padStart(12, '0')}`
}

export const home = guidOf(1)
export const other = guidOf(2)

/** A member of the tenant, who signs in with `name@domain`. */
export function entraUser(name: string, change: Partial<EntraUser> = {}, domain = 'example.com'): EntraUser {
  const userPrincipalName = `${name}@${domain}`
  return {
    id: randomUUID(),
    displayName: name,
    userPrincipalName,
    mail: userPrincipalName,
    accountEnabled: true,
    userType: 'Member',
    identities: [
      { signInType: 'userPrincipalName', issuer: 'example.onmicrosoft.com', issuerAssignedId: userPrincipalName },
    ],
    ...change,
  }
}

/** A guest as an invitation makes one. */
export function entraGuest(mail: string, change: Partial<EntraUser> = {}): EntraUser {
  return entraUser('guest', {
    userPrincipalName: `${mail.replace('@', '_')}#EXT#@example.onmicrosoft.com`,
    mail,
    userType: 'Guest',
    identities: [{ signInType: 'federated', issuer: 'ExternalAzureAD', issuerAssignedId: null }],
    ...change,
  })
}

function tenant(id: string, domains: string[], consented: boolean): EntraTenant {
  return { id, domains, users: new Map(), groups: new Map(), consented }
}

/** Two tenants without people: our own, and one of somebody else's. */
export function newEntra(): EntraState {
  return {
    tenants: new Map([
      [home, tenant(home, ['example.com', 'example.onmicrosoft.com'], true)],
      [other, tenant(other, ['partner.example'], false)],
    ]),
    clientId: guidOf(9),
    clientSecret,
    tokens: new Map(),
    tokenLife: 3_600,
    pageSize: 100,
    calls: [],
  }
}
