import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Line of packages.txt: a Debian package and the tools it is installed for; a helper package has none. */
export type ImagePackage = { name: string; tools: readonly string[]; helper: boolean }

/** Reads packages.txt, the only list of the image's packages. */
export function imagePackages(): readonly ImagePackage[] {
  const text = readFileSync(join(import.meta.dirname, 'packages.txt'), 'utf8')
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const fields = line.trim().split(/\s+/)
      const helper = fields[0] === 'helper'
      const [name = '', ...tools] = helper ? fields.slice(1) : fields
      return { name, tools, helper }
    })
}
