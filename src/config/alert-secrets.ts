import type { Note } from '#src/yaml/positions'
import type { File } from './schema.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Minimum length of a sender's secret, in characters: 192 bits in base64. */
const minSecretLength = 32

/** Returns the name of the environment variable with a sender's secret, or with its token. */
export function alertVariable(what: 'SECRET' | 'TOKEN', sender: string): string {
  return `RETINA_ALERTS_${what}_${sender.toUpperCase().replaceAll('-', '_')}`
}

/** Returns the secrets of all senders. While one replaces another, the variable has both, with a comma between them. */
export function alertSecretsOf({ alerts }: Pick<File, 'alerts'>, env: Environment) {
  const names = Object.keys(alerts?.senders ?? {})
  const secrets = names.map((name) => [name, secretsIn(env[alertVariable('SECRET', name)])] as const)
  const tokens = names.map((name) => [name, env[alertVariable('TOKEN', name)] ?? ''] as const)
  return {
    alerts: Object.fromEntries(secrets.filter(([, all]) => all.length > 0)),
    alertTokens: Object.fromEntries(tokens.filter(([, token]) => token !== '')),
  }
}

function secretsIn(text = ''): string[] {
  return text.split(/[\s,]+/).filter((secret) => secret !== '')
}

/** Reports secrets that are too short. One that is missing is reported where alerts are received. */
export function checkAlertSecrets({ alerts }: Pick<File, 'alerts'>, env: Environment, mistake: Note): void {
  for (const name of Object.keys(alerts?.senders ?? {})) {
    const variable = alertVariable('SECRET', name)
    if (secretsIn(env[variable]).some((secret) => secret.length < minSecretLength))
      mistake(
        ['alerts', 'senders', name],
        `each secret in ${variable} must have at least ${minSecretLength} characters`,
      )
  }
}
