import { z } from 'zod'
import type { OutputPlace, OutputPlaces } from '#core/messages/thread-or-channel'
import { type Platform, platformNames } from '#core/people/platforms'
import { guid, port, secureUrl, strings } from './fields.ts'

const place = z.enum(['thread', 'channel'])

/** Where a chat shows the output of runs: `output` for all of its channels, `channels` for single ones, by their ids. */
const outputSettings = {
  output: place.optional(),
  channels: z.record(z.string().min(1), z.strictObject({ output: place })).optional(),
}

/** Channels of a chat that the owner makes up: names, or names with a setting. */
const ownChannels = z
  .array(
    z.union([
      z
        .string()
        .min(1)
        .transform((name) => ({ name, output: undefined })),
      z.strictObject({ name: z.string().min(1), output: place.optional() }),
    ]),
  )
  .min(1)

const person = z.strictObject({ id: z.string().min(1), name: z.string().min(1), groups: strings.default([]) })

/** Settings of each chat in `retina.yaml`; a chat without settings isn't used. */
export const chatSettings = {
  slack: z
    .strictObject({
      mode: z.enum(['http', 'socket']).default('http'),
      teams: strings.optional(),
      apiUrl: z.string().optional(),
      ...outputSettings,
    })
    .optional(),
  teams: z
    .strictObject({
      appId: guid,
      tenant: guid,
      loginUrl: secureUrl.default('https://login.microsoftonline.com'),
      openIdUrl: secureUrl.default('https://login.botframework.com/v1/.well-known/openidconfiguration'),
      serviceHosts: strings.optional(),
      ...outputSettings,
    })
    .optional(),
  web: z
    .strictObject({
      port: port.default(8_081),
      people: z.array(person).min(1),
      output: outputSettings.output,
      channels: ownChannels.prefault(['incident', 'general']),
    })
    .optional(),
  console: z.strictObject({ people: z.array(person).default([]) }).optional(),
} satisfies Record<Platform, z.ZodType>

/** What editors show for the settings of each chat. */
export const chatDescriptions: Readonly<Record<Platform, string>> = {
  slack: 'Tokens come from the environment.',
  teams: 'Microsoft Teams; needs directory.entra. Its secret comes from the environment.',
  web: 'A chat page for trying out and development: it trusts everybody who opens it.',
  console: 'People of the command line: retina-chatops run --as PERSON.',
}

/** Secrets of chats, by the names of their environment variables. */
export const chatSecrets = {
  slackBotToken: 'SLACK_BOT_TOKEN',
  slackSigningSecret: 'SLACK_SIGNING_SECRET',
  slackAppToken: 'SLACK_APP_TOKEN',
  teamsAppSecret: 'TEAMS_APP_SECRET',
} as const

type ChatFile = { [P in Platform]?: z.infer<(typeof chatSettings)[P]> }

/** Settings without where output is shown; of channels, only the names that the owner made up. */
type ChatConfig<T> = Omit<T, 'output' | 'channels'> &
  (T extends { channels: readonly { name: string }[] } ? { channels: readonly string[] } : unknown)

/** Settings of each chat that is used. */
export type Chats = { [P in Platform]?: ChatConfig<NonNullable<ChatFile[P]>> }

type Output = { output?: OutputPlace | undefined }
type OwnChannels = readonly (Output & { name: string })[]
type AnyChat = Output & { channels?: Readonly<Record<string, Output>> | OwnChannels | undefined }

const isOwn = (channels: AnyChat['channels']): channels is OwnChannels => Array.isArray(channels)

export function toChats(file: ChatFile): Chats {
  const used = platformNames.flatMap((name) => {
    const chat = file[name] as AnyChat | undefined
    if (chat === undefined) return []
    const { output: _output, channels, ...rest } = chat
    return [[name, isOwn(channels) ? { ...rest, channels: channels.map((each) => each.name) } : rest] as const]
  })
  return Object.fromEntries(used) as Chats
}

/** Addresses outside of the cluster at which an adapter reaches its platform: a proxy has to let them through. */
const addresses: { readonly [P in Platform]: (chat: NonNullable<Chats[P]>) => readonly string[] } = {
  slack: ({ apiUrl = 'https://slack.com/api/' }) => [apiUrl],
  teams: ({ loginUrl, openIdUrl }) => [loginUrl, openIdUrl],
  web: () => [],
  console: () => [],
}

/** Returns the addresses outside of the cluster that the configured chats are reached at. */
export function outsideAddresses(chats: Chats): string[] {
  return platformNames.flatMap((name) => {
    const addressesOf = addresses[name] as (chat: unknown) => readonly string[]
    return chats[name] === undefined ? [] : addressesOf(chats[name])
  })
}

/** Returns where all chats show the output of runs, as one table. */
export function toOutputPlaces(file: ChatFile): OutputPlaces {
  const all = platformNames.flatMap((name) => {
    const { output, channels = [] } = (file[name] ?? {}) as AnyChat
    const places: readonly (readonly [string, Output])[] = isOwn(channels)
      ? channels.map((each) => [each.name, each] as const)
      : Object.entries(channels)
    return [[name, output] as const, ...places.map(([id, each]) => [`${name}:channel/${id}`, each.output] as const)]
  })
  return Object.fromEntries(all.filter(([, value]) => value !== undefined))
}
