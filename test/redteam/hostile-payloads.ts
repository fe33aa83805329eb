/** Body of a request that is signed as its platform signs, so that only its content is wrong. */
export type HostilePayload = {
  name: string
  /** `slack-form`: the fields of a form; `slack-json`: an event; `teams`: an activity. */
  as: 'slack-form' | 'slack-json' | 'teams'
  body: string
  /** `refused`: 4xx; `served`: 2xx. */
  verdict: 'refused' | 'served'
}

const json = (value: unknown) => JSON.stringify(value)
const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString()
const deep = (count: number) => `${'{"a":'.repeat(count)}1${'}'.repeat(count)}`

const event = (inner: unknown) =>
  json({ type: 'event_callback', team_id: 'T0HOME', api_app_id: 'A1', event: inner, event_id: 'Ev1', event_time: 1 })
const mention = {
  type: 'app_mention',
  user: 'U0ALICE',
  text: '<@U0RETINA> whoami',
  channel: 'C0INCIDENT',
  ts: '1800000000.000100',
}
const command = {
  command: '/retina',
  text: 'whoami',
  user_id: 'U0ALICE',
  team_id: 'T0HOME',
  channel_id: 'C0INCIDENT',
  trigger_id: 't1',
  response_url: 'http://127.0.0.1:1/',
}
const press = {
  type: 'block_actions',
  team: { id: 'T0HOME' },
  user: { id: 'U0ALICE', team_id: 'T0HOME' },
  channel: { id: 'C0INCIDENT' },
  message: { ts: '1800000000.000100' },
  actions: [
    { type: 'button', action_id: 'cancel', block_id: 'b', value: 'abcdefgh2345', action_ts: '1800000000.000200' },
  ],
}
const view = {
  id: 'V1',
  type: 'modal',
  callback_id: 'run',
  private_metadata: '{"channel":"C0INCIDENT"}',
  state: { values: {} },
}
const submission = { type: 'view_submission', team: { id: 'T0HOME' }, user: { id: 'U0ALICE', team_id: 'T0HOME' }, view }
const suggestion = {
  type: 'block_suggestion',
  action_id: 'target',
  block_id: 'b',
  value: 'node',
  team: { id: 'T0HOME' },
  user: { id: 'U0ALICE' },
  view,
}
const shortcut = {
  type: 'message_action',
  callback_id: 'debug',
  trigger_id: 't1',
  team: { id: 'T0HOME' },
  user: { id: 'U0ALICE' },
  channel: { id: 'C0INCIDENT' },
  message: { ts: '1800000000.000100' },
  message_ts: '1800000000.000100',
}

const refused =
  (as: HostilePayload['as']) =>
  ([name, body]: readonly [string, string]): HostilePayload => ({
    name: `${as}: ${name}`,
    as,
    body,
    verdict: 'refused',
  })
const served =
  (as: HostilePayload['as']) =>
  ([name, body]: readonly [string, string]): HostilePayload => ({
    name: `${as}: allowed: ${name}`,
    as,
    body,
    verdict: 'served',
  })

const without = (value: object, ...keys: string[]) =>
  Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)))
const payload = (value: unknown): string => form({ payload: json(value) })

const slackForms: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['JSON that is broken', 'payload=%7Bbroken'],
  ['JSON that is cut', `payload=${encodeURIComponent(json(press).slice(0, -9))}`],
  ['null', payload(null)],
  ['a list', payload([])],
  ['a number', payload(1)],
  ['a text', payload('x')],
  ['true', payload(true)],
  ['an empty object', payload({})],
  ['two payloads', 'payload=%7B%7D&payload=%7B%7D'],
  ['percent codes that are none', 'command=%2Fretina&text=%zz%&user_id=%'],
  ['bytes that are no UTF-8', 'command=%ff%fe&text=%c0%ae'],
  ['deep JSON', form({ payload: deep(5_000) })],
  [
    'keys of prototypes',
    form({ payload: '{"__proto__":{"type":"block_actions","actions":[]},"constructor":{"prototype":{"x":1}}}' }),
  ],
  ['a command without words', form(without(command, 'text'))],
  ['a command without a person', form(without(command, 'user_id'))],
  ['a command without a channel', form(without(command, 'channel_id'))],
  ['a command without a workspace', form(without(command, 'team_id'))],
  ['a command without a trigger', form(without(command, 'trigger_id'))],
  ['a command with two texts', `${form(command)}&text=shell`],
  ['a command with two persons', `${form(command)}&user_id=U0BOB`],
  ['a press without actions', payload(without(press, 'actions'))],
  ['a press with no action', payload({ ...press, actions: [] })],
  ['a press with an action that is null', payload({ ...press, actions: [null] })],
  ['a press with actions that are a text', payload({ ...press, actions: 'cancel' })],
  ['a press without a person', payload(without(press, 'user'))],
  ['a press whose person is null', payload({ ...press, user: null })],
  ['a press whose person is a number', payload({ ...press, user: { id: 5 } })],
  ['a press whose value is an object', payload({ ...press, actions: [{ ...press.actions[0], value: { a: 1 } }] })],
  ['a press whose action has no id', payload({ ...press, actions: [{ type: 'button' }] })],
  ['a press whose channel is a text', payload({ ...press, channel: 'C0INCIDENT' })],
  ['a press whose workspace is a number', payload({ ...press, team: 5 })],
  ['a form without a view', payload(without(submission, 'view'))],
  ['a form whose view is null', payload({ ...submission, view: null })],
  ['a form without a state', payload({ ...submission, view: without(view, 'state') })],
  ['a form whose values are null', payload({ ...submission, view: { ...view, state: { values: null } } })],
  ['a form whose metadata is broken', payload({ ...submission, view: { ...view, private_metadata: '{' } })],
  ['a form whose metadata is null', payload({ ...submission, view: { ...view, private_metadata: 'null' } })],
  ['a form whose metadata has no channel', payload({ ...submission, view: { ...view, private_metadata: '{}' } })],
  ['a form without a person', payload(without(submission, 'user'))],
  ['a menu without what was typed', payload(without(suggestion, 'value'))],
  ['a menu whose typed text is a list', payload({ ...suggestion, value: ['x'] })],
  ['a shortcut without a message', payload(without(shortcut, 'message'))],
  ['a shortcut without a channel', payload(without(shortcut, 'channel'))],
]

const slackEvents: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['JSON that is broken', '{"type":'],
  ['null', 'null'],
  ['a number', '7'],
  ['a text', '"x"'],
  ['a list', '[]'],
  ['an empty object', '{}'],
  ['deep JSON', deep(5_000)],
  ['100,000 brackets', '['.repeat(100_000)],
  ['without an event', json({ type: 'event_callback', team_id: 'T0HOME' })],
  ['an event that is null', event(null)],
  ['an event that is a number', event(5)],
  ['an event that is a text', event('app_mention')],
  ['an event that is a list', event([])],
  ['an event without a type', event(without(mention, 'type'))],
  ['a mention whose text is a number', event({ ...mention, text: 5 })],
  ['a mention whose text is an object', event({ ...mention, text: { toString: 'x' } })],
  ['a mention whose channel is null', event({ ...mention, channel: null })],
  ['a mention whose channel is a number', event({ ...mention, channel: 5 })],
  ['a mention whose person is a list', event({ ...mention, user: ['U0ALICE'] })],
  ['a mention without a time stamp', event(without(mention, 'ts'))],
  ['a mention whose thread is an object', event({ ...mention, thread_ts: {} })],
  ['a workspace that is a number', json({ type: 'event_callback', team_id: 5, event: mention, event_id: 'Ev1' })],
  [
    'authorizations that are null',
    json({ type: 'event_callback', team_id: 'T0HOME', authorizations: [null], event: mention }),
  ],
  ['a home page of nobody', event({ type: 'app_home_opened', tab: 'home', channel: 'D1' })],
  ['an item that is null', event({ type: 'reaction_added', user: 'U0ALICE', item: null })],
]

const activity = {
  type: 'message',
  id: '1800000000001',
  channelId: 'msteams',
  serviceUrl: '$SERVICE',
  from: { id: '29:alice', name: 'Alice', aadObjectId: '00000000-0000-4000-8000-000000000101' },
  recipient: { id: '28:bot', name: 'retina' },
  conversation: { id: 'a:alice', conversationType: 'personal', tenantId: '$TENANT' },
  channelData: { tenant: { id: '$TENANT' } },
  text: 'whoami',
}
const invoke = {
  ...activity,
  type: 'invoke',
  name: 'adaptiveCard/action',
  value: { action: { type: 'Action.Execute', verb: 'cancel', data: { run: 'abcdefgh2345' } } },
}
const changed = (change: object) => json({ ...activity, ...change })

const teamsActivities: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['JSON that is broken', '{"type":'],
  ['null', 'null'],
  ['a list', '[]'],
  ['a number', '5'],
  ['an empty object', '{}'],
  ['deep JSON', deep(5_000)],
  ['keys of prototypes', '{"__proto__":{"type":"message","conversation":{"id":"x"},"channelId":"msteams"}}'],
  ['a conversation that is null', changed({ conversation: null })],
  ['a conversation that is a number', changed({ conversation: 5 })],
  ['a conversation that is empty', changed({ conversation: {} })],
  ['a conversation whose id is a number', changed({ conversation: { id: 5 } })],
  ['a conversation whose tenant is a list', changed({ conversation: { ...activity.conversation, tenantId: ['x'] } })],
  ['a type that is a number', changed({ type: 5 })],
  ['a person that is null', changed({ from: null })],
  ['a person whose id is a number', changed({ from: { id: '29:x', aadObjectId: 5 } })],
  ['a text that is an object', changed({ text: { a: 1 } })],
  ['entities that are an object', changed({ entities: {} })],
  ['entities that are null', changed({ entities: [null] })],
  ['an entity whose mention is a number', changed({ entities: [{ type: 'mention', mentioned: 5, text: 5 }] })],
  ['a service address that is a number', changed({ serviceUrl: 5 })],
  ['no service address', json(without(activity, 'serviceUrl'))],
  ['channel data that are a number', changed({ channelData: 5, conversation: { id: 'a:alice' } })],
  [
    'channel data whose tenant is null',
    changed({ channelData: { tenant: { id: 5 } }, conversation: { id: 'a:alice' } }),
  ],
  ['a channel that is a list', changed({ channelId: ['msteams'] })],
  ['an id that is an object', changed({ id: {} })],
  ['a press whose value is null', json({ ...invoke, value: null })],
  ['a press whose value is a text', json({ ...invoke, value: 'cancel' })],
  ['a press whose action is null', json({ ...invoke, value: { action: null } })],
  ['a press whose verb is a list', json({ ...invoke, value: { action: { verb: ['cancel'] } } })],
  ['a time stamp that is none', changed({ timestamp: {} })],
]

export const hostilePayloads: readonly HostilePayload[] = [
  ...slackForms.map(refused('slack-form')),
  ...slackEvents.map(refused('slack-json')),
  ...teamsActivities.map(refused('teams')),
  ...(
    [
      ['a command', form(command)],
      ['a command without an address to answer to', form(without(command, 'response_url'))],
      ['a press', payload(press)],
      [
        'a press with more in it',
        payload({ ...press, state: { values: {} }, hash: '1', enterprise: null, is_enterprise_install: false }),
      ],
    ] as const
  ).map(served('slack-form')),
  ...(
    [
      ['a mention', event(mention)],
      ['a kind of event that nothing listens to', event({ type: 'team_join', user: { id: 'U0NEW' } })],
      [
        'a message of a bot',
        event({ type: 'message', subtype: 'bot_message', channel: 'C0INCIDENT', ts: '1800000000.000300', text: 'x' }),
      ],
      ['a proof of the address', json({ type: 'url_verification', challenge: 'abc' })],
    ] as const
  ).map(served('slack-json')),
  ...(
    [
      ['a message', json(activity)],
      [
        'somebody joins',
        json({ ...without(activity, 'text'), type: 'conversationUpdate', membersAdded: [{ id: '29:x' }] }),
      ],
      ['a press', json(invoke)],
      ['nulls for what is not there', changed({ entities: null, recipient: null, channelData: null, name: null })],
    ] as const
  ).map(served('teams')),
]
