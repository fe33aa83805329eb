import { type Infrastructure, openInfrastructure } from '#src/app/infrastructure'
import { createLogger } from '#src/app/logger'
import { UserError } from '#src/app/user-error'
import { configFile, loadOrExit, readOptions } from './arguments.ts'

const options = { config: { type: 'string' }, person: { type: 'string' } } as const

/** `passkey invite|list|remove --person ID`: manages the passkeys with which a person may confirm approvals. */
export async function passkey(argv: readonly string[]): Promise<number> {
  const [verb = '', ...rest] = argv
  const { values } = readOptions(rest, options)
  const { person } = values
  const act = verbs.get(verb)
  if (act === undefined || person === undefined)
    throw new UserError('bad-usage', 'It is `passkey invite`, `passkey list` or `passkey remove`, with --person ID.')
  const config = loadOrExit(configFile(values.config))
  const parts = await openInfrastructure(config, createLogger('warn'))
  try {
    await parts.redisReady()
    if (parts.passkeys === undefined)
      throw new UserError('config-wrong', 'Say in "confirm: { url }" where browsers reach the bot.')
    console.log(await act(parts, parts.passkeys, person.toLowerCase()))
    return 0
  } finally {
    await parts.close()
  }
}

type Act = (parts: Infrastructure, passkeys: NonNullable<Infrastructure['passkeys']>, person: string) => Promise<string>

const invite: Act = async (_parts, passkeys, person) => {
  const link = await passkeys.link({ kind: 'enrol', by: { id: person, name: person } })
  return `${link}\nHand this to ${person} themselves, not by a chat that others read. It can be used once, within a day.`
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
  return `${person} has no passkey here any more.`
}

const verbs: ReadonlyMap<string, Act> = new Map([
  ['invite', invite],
  ['list', list],
  ['remove', remove],
])
