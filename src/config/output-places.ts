import { z } from 'zod'
import type { OutputPlace, OutputPlaces } from '#core/messages/output-place'

const place = z.enum(['thread', 'channel'])

/** Where a chat shows the output of runs: `output` for all of its channels, `channels` for single ones, by their ids. */
export const outputSettings = {
  output: place.optional(),
  channels: z.record(z.string().min(1), z.strictObject({ output: place })).optional(),
}

/** Channels of the web chat: names, or names with a setting. */
export const webChannels = z
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

type ChatOutput = {
  output?: OutputPlace | undefined
  channels?: Readonly<Record<string, { output: OutputPlace }>> | undefined
}
type WebOutput = {
  output?: OutputPlace | undefined
  channels: readonly { name: string; output?: OutputPlace | undefined }[]
}

/** Returns the settings of all chats as one table. */
export function toOutputPlaces(file: {
  slack?: ChatOutput | undefined
  teams?: ChatOutput | undefined
  web?: WebOutput | undefined
}): OutputPlaces {
  const { slack, teams, web } = file
  const webChannelsByName = Object.fromEntries((web?.channels ?? []).map(({ name, output }) => [name, { output }]))
  return {
    ...placesOf('slack', slack?.output, slack?.channels),
    ...placesOf('teams', teams?.output, teams?.channels),
    ...placesOf('web', web?.output, webChannelsByName),
  }
}

function placesOf(
  platform: string,
  output: OutputPlace | undefined,
  channels: Readonly<Record<string, { output?: OutputPlace | undefined }>> = {},
): OutputPlaces {
  const all = [
    [platform, output] as const,
    ...Object.entries(channels).map(([id, each]) => [`${platform}:channel/${id}`, each.output] as const),
  ]
  return Object.fromEntries(all.filter(([, value]) => value !== undefined))
}

/** Returns a chat's settings without those that `toOutputPlaces` returns. */
export function withoutOutput<T extends { output?: unknown; channels?: unknown }>(chat: T): Omit<T, keyof ChatOutput> {
  const { output: _output, channels: _channels, ...rest } = chat
  return rest
}
