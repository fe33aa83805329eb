import { randomUUID } from 'node:crypto'

/** A user as Microsoft Graph returns it. */
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
  /** Whether an admin has given our application the consent to read the tenant. */
  consented: boolean
}

/** State of the stand-in for Microsoft Entra: tenants with their domains, users and groups, and the application that may read them. */
export type EntraState = {
  tenants: Map<string, EntraTenant>
  clientId: string
  clientSecret: string
  /** Issued tokens: their tenant, and their expiry in milliseconds. */
  tokens: Map<string, { tenant: string; until: number }>
  /** Lifetime of a new token. */
  tokenLifeSeconds: number
  pageSize: number
  /** All requests: method and path, and the status of the answer (0: the connection was cut). */
  calls: { what: string; status: number }[]
}

export const clientSecret = 'entra-test-secret-3f8~Q'

/** Returns a GUID that is easy to recognize by its number. */
export function guidOf(serial: number): string {
  return `00000000-0000-4000-8000-${String(serial).padStart(12, '0')}`
}

export const home = guidOf(1)
export const other = guidOf(2)

/** Returns a member of a tenant, who signs in with `name@domain`. */
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

/** Returns a guest as Entra creates one by an invitation. */
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

/** Returns two tenants without users: our own, and a foreign one. */
export function newEntra(): EntraState {
  return {
    tenants: new Map([
      [home, tenant(home, ['example.com', 'example.onmicrosoft.com'], true)],
      [other, tenant(other, ['partner.example'], false)],
    ]),
    clientId: guidOf(9),
    clientSecret,
    tokens: new Map(),
    tokenLifeSeconds: 3_600,
    pageSize: 100,
    calls: [],
  }
}
