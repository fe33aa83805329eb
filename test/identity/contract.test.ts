import type { Platform } from '#core/people/platforms'
import { ChatError } from '#core/ports/chat'
import { type AskPlatform, createDirectory } from '#src/identity/directory'
import { directoryContract } from '#test/contract/directory'
import { silentLog } from '#test/samples/run'

directoryContract('The directory', () => {
  let isReachable = true
  const groups: { leads?: string[] } = { leads: ['alice@example.com'] }
  const ask: AskPlatform = async (account) => {
    if (!isReachable) throw new ChatError('it does not answer')
    if (account.user !== 'U0ALICE') return { ...account, name: '', kind: 'unknown', groups: [] }
    return { ...account, name: 'Alice', email: 'alice@example.com', kind: 'member', groups: [] }
  }
  const platforms = new Map<Platform, AskPlatform>([['slack', ask]])
  const known = () => ({ groups: { ...groups }, people: {}, outsiders: [] })
  return {
    directory: createDirectory({ platforms, known, log: silentLog }),
    alice: { platform: 'slack', team: 'T', user: 'U0ALICE' },
    reach(reachable) {
      isReachable = reachable
    },
    leave: () => void delete groups.leads,
  }
})
