import type { Message } from '#core/messages/message'
import type { ThreadRef } from '#core/messages/thread-ref'
import type { AccountRef } from '#core/people/principal'
import type { Account, ChatAdapter } from '#core/ports/chat'
import type { Log } from '#core/ports/log'
import { defaultTiming, type Timing } from '#core/util/default-timings'
import type { Mount } from '#src/http/server'
import { authentication, type BotIdentity, createTokenSource } from './authentication.ts'
import { createConversationStore, type Memory } from './conversation-store.ts'
import { maxBodyBytes, receiver, webhookPath } from './receive.ts'
import { teamsWriter } from './write.ts'

export type TeamsOptions = BotIdentity & {
  /** Where conversations are remembered, for all processes. */
  memory: Memory
  /** Who people are is Microsoft Entra's to say. */
  account: (account: AccountRef) => Promise<Account>
  mount: Mount
  log: Log
  timing?: Pick<Timing, 'editIntervalMs'>
}

/**
 * The door to Microsoft Teams, by the Bot Framework SDK. A card of a request shows its buttons to those alone who may press them;
 * refusals are seen by the asker alone; long output goes page by page.
 */
export function teamsAdapter(options: TeamsOptions): ChatAdapter {
  const { memory, mount, log, account, timing = defaultTiming, ...identity } = options
  const places = createConversationStore(memory, identity.tenant.toLowerCase())
  const bearer = createTokenSource(identity)
  const proof = authentication(identity, bearer)
  const writer = teamsWriter({ authentication: proof, appId: identity.appId, bearer, places })
  const tell = (thread: ThreadRef, notice: Message) => {
    writer.post(thread, notice).catch((error: unknown) => {
      log.error({ error: String(error) }, 'Teams: whoever asked could not be told that it was not accepted')
    })
  }
  return {
    platform: 'teams',
    // A message holds some 80 kB as UTF-16, its card's frame among them.
    limits: { outputChars: 6_000, editInterval: timing.editIntervalMs, fileBytes: 0 },
    async listen(inbox) {
      mount(webhookPath, receiver({ authentication: proof, places, tell, log }, inbox), {
        methods: ['POST'],
        maxBodyBytes,
      })
    },
    ...writer,
    account,
    async ready() {
      await bearer()
      return true
    },
    close: async () => undefined,
  }
}
