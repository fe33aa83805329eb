import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A line of packages.txt: a Debian package and the tools it is there for; none for a helper. */
export type ImagePackage = { name: string; tools: readonly string[]; helper: boolean }

/** Reads the one list of what is in the image. */
export function imagePackages(): readonly ImagePackage[] {
  const text = readFileSync(join(import.meta.dirname, 'packages.txt'), 'utf8')
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const words = line.trim().split(/\s+/)
      const helper = words[0] === 'helper'
      const [name = '', ...tools] = helper ? words.slice(1) : words
      return { name, tools, helper }
    })
}
