import { createRefusalReply } from '#adapters/common/post-without-waiting'
import type { Account } from '#core/people/account'
import type { AccountRef } from '#core/people/principal'
import type { ChatAdapter } from '#core/ports/chat'
import type { Log } from '#core/ports/log'
import { defaultTiming, type Timing } from '#core/util/default-timings'
import type { Mount } from '#src/http/server'
import { authentication, type BotIdentity, createTokenSource } from './bot-framework-authentication.ts'
import { type ConversationValues, createConversationStore } from './conversation-store.ts'
import { teamsWriter } from './post-messages.ts'
import { maxBodyBytes, receiver, webhookPath } from './receive.ts'
import { publicServiceHosts } from './service-url.ts'

export type TeamsOptions = BotIdentity & {
  /** Store of conversations, shared by all processes. */
  values: ConversationValues
  /** Hosts of the Bot Framework, where they aren't those of the public cloud. */
  serviceHosts?: readonly string[] | undefined
  /** Looks up an account in Microsoft Entra. */
  account: (account: AccountRef) => Promise<Account>
  mount: Mount
  log: Log
  timing?: Pick<Timing, 'editIntervalMs'>
}

/**
 * Creates the adapter for Microsoft Teams, based on the Bot Framework SDK. The buttons of an approval request are shown
 * only to people who may press them; refusals are visible only to their addressee; long output is shown page by page.
 */
export function teamsAdapter(options: TeamsOptions): ChatAdapter {
  const {
    values,
    serviceHosts = publicServiceHosts,
    mount,
    log,
    account,
    timing = defaultTiming,
    ...identity
  } = options
  const homeTenant = identity.tenant.toLowerCase()
  const conversations = createConversationStore({ values, homeTenant, serviceHosts })
  const getToken = createTokenSource(identity)
  const botAuthentication = authentication(identity, getToken)
  const writer = teamsWriter({ authentication: botAuthentication, appId: identity.appId, getToken, conversations })
  const reply = createRefusalReply('Teams', writer, log)
  return {
    platform: 'teams',
    // Teams limits a message to some 80 kB in UTF-16, including the JSON of its card.
    limits: { outputChars: 6_000, editInterval: timing.editIntervalMs, fileBytes: 0 },
    async listen(inbox) {
      const listener = receiver({ authentication: botAuthentication, conversations, serviceHosts, reply, log }, inbox)
      mount(webhookPath, listener, { methods: ['POST'], maxBodyBytes })
    },
    ...writer,
    account,
    async ready() {
      await getToken()
      return true
    },
    close: async () => undefined,
  }
}
