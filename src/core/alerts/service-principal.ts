import type { AccountRef, Principal } from '#core/people/principal'

/** Returns the principal as which triage of a sender's alerts begins by itself; grants name it `service:NAME`. */
export function servicePrincipal(sender: string): Principal {
  return { id: `service:${sender}`, name: `alerts of ${sender}`, groups: [] }
}

/** Returns the account of a service principal, which no chat can send: only this program sets `service`. */
export function serviceAccount(sender: string, { platform, team }: Pick<AccountRef, 'platform' | 'team'>): AccountRef {
  return { platform, team, user: `service:${sender}`, service: sender }
}
