import { type Platform, platformNames, platforms } from '#core/people/platforms'
import type { ChatAdapter } from '#core/ports/chat'
import type { Directory } from '#core/ports/directory'
import type { Log } from '#core/ports/log'
import type { Timing } from '#core/util/default-timings'
import { processClock } from '#core/util/retry'
import type { Config } from '#src/config/load'
import { type AskPlatform, createDirectory } from '#src/identity/directory'
import { createEntra, type Entra } from '#src/identity/entra-people'
import type { PolicyFile } from './policy-file.ts'
import { UserError } from './user-error.ts'

type Adapters = ReadonlyMap<Platform, ChatAdapter>

/** Creates the directory: each platform looks up its own accounts, except those that Entra looks up. */
export function connectDirectory(adapters: Adapters, policyFile: PolicyFile, log: Log, entra?: Entra): Directory {
  const asked = new Map<Platform, AskPlatform>([...adapters].map(([name, { account }]) => [name, account]))
  for (const name of platformNames) if (platforms[name].inEntra && entra !== undefined) asked.set(name, entra.account)
  return createDirectory({ platforms: asked, known: policyFile.known, log })
}

export function connectEntra({ directory: { entra }, secrets }: Config, timing: Timing): Entra | undefined {
  if (entra === undefined) return undefined
  const { entraClientSecret: clientSecret } = secrets
  if (clientSecret === undefined)
    throw new UserError('missing-secret', 'directory.entra needs ENTRA_CLIENT_SECRET, which is not set.')
  return openEntra(entra, clientSecret, timing)
}

/** Opens Microsoft Entra with this process's clock. */
export function openEntra(
  settings: NonNullable<Config['directory']['entra']>,
  clientSecret: string,
  timing: Timing,
): Entra {
  return createEntra({ ...settings, clientSecret, ...processClock, timing })
}
