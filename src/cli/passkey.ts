import type { Infrastructure } from '#src/app/infrastructure'
import { UserError } from '#src/app/user-error'
import { configFile, loadOrExit, readOptions } from './subcommand-options.ts'
import { withInfrastructure } from './with-infrastructure.ts'

const options = { config: { type: 'string' }, person: { type: 'string' } } as const

/** `passkey invite|list|remove --person ID`: manages the passkeys with which a person may confirm approvals. */
export async function passkey(argv: readonly string[]): Promise<number> {
  const [verb = '', ...rest] = argv
  const { values } = readOptions(rest, options)
  const { person } = values
  const act = verbs.get(verb)
  if (act === undefined || person === undefined)
    throw new UserError('bad-usage', 'Usage: `passkey invite|list|remove --person ID`.')
  const config = loadOrExit(configFile(values.config))
  return withInfrastructure(config, async (parts) => {
    if (parts.passkeys === undefined)
      throw new UserError(
        'config-wrong',
        'Set "confirm: { url }" in retina.yaml to the URL at which browsers reach the bot.',
      )
    console.log(await act(parts, parts.passkeys, person.toLowerCase()))
    return 0
  })
}

type Act = (parts: Infrastructure, passkeys: NonNullable<Infrastructure['passkeys']>, person: string) => Promise<string>

const invite: Act = async (_parts, passkeys, person) => {
  const link = await passkeys.link({ kind: 'enrol', by: { id: person, name: person } })
  return `${link}\nGive this link to ${person} in private, not in a chat that others can read. It works once, within a day.`
}

const list: Act = async (_parts, passkeys, person) => {
  const own = await passkeys.ofPerson(person)
  if (own.length === 0) return `${person} has no passkey here.`
  return own.map(({ id, addedAt }) => `${id}  added ${addedAt}`).join('\n')
}

const remove: Act = async ({ audit }, passkeys, person) => {
  const at = new Date().toISOString()
  await audit.append({ at, what: 'passkeys-removed', run: '', person, details: { by: 'command line' } })
  await passkeys.remove(person)
  return `All passkeys of ${person} were removed.`
}

const verbs: ReadonlyMap<string, Act> = new Map([
  ['invite', invite],
  ['list', list],
  ['remove', remove],
])
