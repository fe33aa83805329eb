import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '#src/app/user-error'

const deploy = join(import.meta.dirname, '../../deploy')

/** Reads a file of `deploy`. Throws `UserError` where the program is installed without that folder, as in its image. */
export function readDeploy(path: string): string {
  const file = join(deploy, path)
  if (!existsSync(file))
    throw new UserError('cannot-write', `\`init\` needs ${file}: run it in a checkout of the repository.`)
  return readFileSync(file, 'utf8')
}
