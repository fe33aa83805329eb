import { globSync, readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import type { Playbook, Playbooks } from '#core/triage/playbook'
import { errorMessage } from '#core/util/error-message'
import { type OtherPlaybook, type PlaybookNames, parsePlaybook } from './load.ts'
import type { PlaybookMistake } from './schema-mistakes.ts'

/** Mistake in one of several files. */
export type FileMistake = PlaybookMistake & { file: string }

/** Files that `retina.yaml` names, each pattern with its place there. */
export type PlaybookPatterns = readonly { pattern: string; line: number; column: number }[]

/** Returns the paths of files that patterns match, from the folder of `retina.yaml`; sorted, each once. */
export function playbookFiles(configFile: string, patterns: PlaybookPatterns): readonly string[] {
  return [...new Set(patterns.flatMap(({ pattern }) => matching(configFile, pattern)))]
}

function matching(configFile: string, pattern: string): string[] {
  const cwd = dirname(resolve(configFile))
  return globSync(pattern, { cwd })
    .map((file) => resolve(cwd, file))
    .toSorted()
}

/**
 * Reads the owner's playbooks. Returns those that ship and the owner's; or all mistakes: also a pattern that matches
 * nothing, and a name that another playbook has. Never throws.
 */
export function loadPlaybookFiles(
  configFile: string,
  patterns: PlaybookPatterns,
  names: PlaybookNames,
  shipped: Playbooks,
): { playbooks: Playbooks } | { mistakes: readonly FileMistake[] } {
  const missing = patterns.flatMap(({ pattern, line, column }) =>
    matching(configFile, pattern).length > 0
      ? []
      : [{ file: configFile, line, column, message: `no file matches "${pattern}", which names playbooks` }],
  )
  const folder = dirname(resolve(configFile))
  const files = playbookFiles(configFile, patterns).map((file) => ({ file, text: readText(file) }))
  const unreadable = files.flatMap(({ file, text }) =>
    typeof text === 'string' ? [] : [{ file, line: 1, column: 1, ...text }],
  )
  const read = files.flatMap(({ file, text }) => (typeof text === 'string' ? [{ file, text }] : []))
  // Each is parsed twice: first by itself, for the names that the others must not have.
  const own = read.map(({ file, text }): OtherPlaybook => {
    const loaded = parsePlaybook(text, names)
    const source = relative(folder, file)
    return 'mistakes' in loaded ? { name: '', source, checks: [] } : toOther({ ...loaded.playbook, source })
  })
  const playbooks: Playbook[] = []
  const wrong = read.flatMap(({ file, text }, index): FileMistake[] => {
    const others = [...otherPlaybooks(shipped), ...own.filter((_each, at) => at !== index)]
    const loaded = parsePlaybook(text, { ...names, others })
    if ('mistakes' in loaded) return loaded.mistakes.map((mistake) => ({ file, ...mistake }))
    playbooks.push({ ...loaded.playbook, source: relative(folder, file) })
    return []
  })
  const mistakes = [...missing, ...unreadable, ...wrong]
  if (mistakes.length > 0) return { mistakes }
  return { playbooks: new Map([...shipped, ...playbooks.map((each) => [each.name, each] as const)]) }
}

/** Returns the names that playbooks take. */
export function otherPlaybooks(playbooks: Playbooks): OtherPlaybook[] {
  return [...playbooks.values()].map(toOther)
}

function toOther({ name, source = 'it ships with the program', checks }: Playbook): OtherPlaybook {
  return { name, source, checks: checks.map((check) => check.name) }
}

function readText(file: string): string | { message: string } {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    return { message: `can't be read: ${errorMessage(error)}` }
  }
}
