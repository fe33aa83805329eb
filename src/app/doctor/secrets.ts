import { type ExpectedSecret, judgeSecret } from '#core/doctor/expected-secret'
import type { Finding } from '#core/doctor/finding'
import { platformNames } from '#core/people/platforms'
import { chatSetups } from '#src/app/chat-adapters'
import type { Role } from '#src/app/infrastructure'
import type { Config } from '#src/config/load'

/** Checks that the secrets are set that the role needs for `retina.yaml`, and their forms; no value is shown. */
export function diagnoseSecrets(config: Config, role: Role): Finding[] {
  const { secrets, directory } = config
  const sealKey: ExpectedSecret = {
    name: 'RETINA_SEAL_KEY',
    value: secrets.sealKeys?.[0],
    mend: 'RETINA_SEAL_KEY="$(openssl rand -hex 32)", the same for all processes',
  }
  const ofEntra: ExpectedSecret = {
    name: 'ENTRA_CLIENT_SECRET',
    value: secrets.entraClientSecret,
    mend: `ENTRA_CLIENT_SECRET=…: az ad app credential reset --id ${directory.entra?.clientId}`,
  }
  const ofChats = platformNames.flatMap((name) => chatSetups[name].secrets?.(config, role) ?? [])
  return [sealKey, ...(directory.entra === undefined ? [] : [ofEntra]), ...ofChats].map(judgeSecret)
}
