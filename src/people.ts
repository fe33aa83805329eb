import type { Config } from './config.ts'
import type { ChatAdapter, Directory, Log } from './core/ports.ts'
import type { Platform } from './core/request.ts'
import type { Timing } from './core/timing.ts'
import { type AskPlatform, openDirectory } from './directory/directory.ts'
import { type Entra, openEntra } from './directory/entra.ts'
import { UserError } from './errors.ts'
import type { Rulebook } from './rulebook.ts'

type Adapters = ReadonlyMap<Platform, ChatAdapter>

/** Each platform says who its accounts are; those of Teams are Entra's. */
export function directoryOf(adapters: Adapters, rulebook: Rulebook, log: Log, entra?: Entra): Directory {
  const platforms = new Map<Platform, AskPlatform>([...adapters].map(([name, { account }]) => [name, account]))
  if (entra !== undefined) platforms.set('teams', entra.account)
  return openDirectory({ platforms, known: rulebook.known, log })
}

export function entraOf({ directory: { entra }, secrets }: Config, timing: Timing): Entra | undefined {
  if (entra === undefined) return undefined
  const { entraClientSecret: clientSecret } = secrets
  if (clientSecret === undefined)
    throw new UserError('missing-secret', 'People of Microsoft Entra need ENTRA_CLIENT_SECRET.')
  const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))
  return openEntra({ ...entra, clientSecret, now: Date.now, sleep, timing })
}
