import { buttonsOf } from './card.ts'
import type { FakeTeams } from './server.ts'
import { incident, type TeamsMessage } from './state.ts'

export type Sent = { status: number; body: string }
type Where = {
  conversation?: string
  thread?: string
  tenant?: string
  token?: string
  id?: string
  channelId?: string
  serviceUrl?: string
}

/** Users of Teams, who write to the bot and press its buttons, by requests with tokens like those of the Bot Framework. */
export function teamsPeople(teams: FakeTeams, webhook: () => string) {
  let serial = 0
  const { appId } = teams.state

  const send = async (activity: object, token: string): Promise<Sent> => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    const answer = await fetch(webhook(), { method: 'POST', headers, body: JSON.stringify(activity) })
    return { status: answer.status, body: await answer.text() }
  }
  const frame = (user: string, where: Where) => {
    serial += 1
    const conversation = where.conversation ?? incident
    const type = teams.state.conversations.get(conversation) ?? 'channel'
    const id = where.id ?? String(1_800_000_000_000 + serial)
    // In a channel every message belongs to a thread, at least to its own.
    const thread = type === 'channel' ? `;messageid=${where.thread ?? id}` : ''
    const tenant = where.tenant ?? teams.state.tenant
    return {
      id,
      channelId: where.channelId ?? 'msteams',
      serviceUrl: where.serviceUrl ?? teams.url,
      timestamp: new Date().toISOString(),
      from: { id: `29:${user}`, name: user, aadObjectId: user },
      recipient: { id: `28:${appId}`, name: 'retina' },
      conversation: {
        id: `${conversation}${thread}`,
        conversationType: type,
        tenantId: tenant,
        isGroup: type !== 'personal',
      },
      channelData: { tenant: { id: tenant } },
    }
  }
  return {
    send,
    frame,
    say(user: string, text: string, where: Where = {}): Promise<Sent> {
      const mention = { type: 'mention', mentioned: { id: `28:${appId}`, name: 'retina' }, text: '<at>retina</at>' }
      const activity = {
        type: 'message',
        textFormat: 'plain',
        text: `<at>retina</at>\u00a0${text}`,
        entities: [mention],
      }
      return send({ ...frame(user, where), ...activity }, where.token ?? teams.sign())
    },
    /** Presses a button of a message's card, or of the card that was shown to the user. */
    press(
      user: string,
      message: TeamsMessage,
      verb: string,
      inputs: Record<string, string> = {},
      card = message.card,
    ): Promise<Sent> {
      const own = { ...message, card }
      const pressed = [...message.replies.toReversed(), own].find((each) => buttonsOf(each.card).has(verb))
      if (pressed === undefined) throw new Error(`the card has no button "${verb}"`)
      return this.execute(user, pressed, verb, { ...buttonsOf(pressed.card).get(verb), ...inputs })
    },
    execute(user: string, message: TeamsMessage, verb: string, data: object): Promise<Sent> {
      const where = {
        conversation: message.conversation,
        ...(message.thread === undefined ? {} : { thread: message.thread }),
      }
      const value = { action: { type: 'Action.Execute', verb, data }, trigger: 'manual' }
      const activity = { type: 'invoke', name: 'adaptiveCard/action', value, replyToId: message.id }
      return send({ ...frame(user, where), ...activity }, teams.sign())
    },
    /** Chooses "Triage this" in the menu of a message. Source: learn.microsoft.com, "Respond to messaging extension action". */
    triageThis(user: string, messagePayload: object, where: Where = {}): Promise<Sent> {
      const value = { commandId: 'triage', commandContext: 'message', requestId: 'r1', messagePayload }
      const activity = { type: 'invoke', name: 'composeExtension/fetchTask', value }
      return send({ ...frame(user, where), ...activity }, teams.sign())
    },
    /** Resolves with the card as this user's client shows it: refreshed for the user, if the card requests that. */
    async view(user: string, message: TeamsMessage): Promise<Record<string, unknown>> {
      const refresh = message.card['refresh'] as { action: { verb: string; data: object } } | undefined
      if (refresh === undefined) return message.card
      const { body } = await this.execute(user, message, refresh.action.verb, refresh.action.data)
      const { type, value } = JSON.parse(body) as { type: string; value: Record<string, unknown> }
      return type === 'application/vnd.microsoft.card.adaptive' ? value : message.card
    },
  }
}
