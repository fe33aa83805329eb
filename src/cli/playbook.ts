import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { errorMessage } from '#core/util/error-message'
import { count } from '#core/util/units'
import { checkReaders, playbookNames, playbooks } from '#src/app/playbooks'
import { UserError } from '#src/app/user-error'
import { runCases } from '#src/playbooks/cases'
import { parsePlaybook, shippedFolder } from '#src/playbooks/load'
import { otherPlaybooks } from '#src/playbooks/load-files'
import type { PlaybookMistake } from '#src/playbooks/schema-mistakes'
import { readOptions } from './subcommand-options.ts'

const usage = 'Usage: `playbook check FILE…` or `playbook test FILE`.'

/** `playbook check FILE…` and `playbook test FILE`: return 0 where everything is as it has to be, else 1. */
export async function playbook(argv: readonly string[]): Promise<number> {
  const [verb, ...rest] = argv
  const { positionals: files } = readOptions(rest, {})
  if (verb === 'check' && files.length > 0) return files.map(check).every(Boolean) ? 0 : 1
  const [file] = files
  if (verb === 'test' && file !== undefined && files.length === 1) return test(file)
  throw new UserError('bad-usage', usage)
}

function check(file: string): boolean {
  const text = readText(file)
  const own = parsePlaybook(text, playbookNames)
  const name = 'playbook' in own ? own.playbook.name : undefined
  // A shipped playbook is compared with the others alone.
  const isShipped = resolve(file) === join(shippedFolder, `${name}.yaml`)
  const others = otherPlaybooks(playbooks).filter((each) => !isShipped || each.name !== name)
  const loaded = parsePlaybook(text, { ...playbookNames, others })
  if ('mistakes' in loaded) {
    printMistakes(file, loaded.mistakes)
    return false
  }
  const { checks } = loaded.playbook
  console.log(`${file}: valid. The playbook ${name} has ${count(checks.length, 'check')}, which only read.`)
  return true
}

function test(file: string): number {
  readText(file)
  const result = runCases(file, playbookNames, checkReaders)
  if ('mistakes' in result) {
    printMistakes(result.file, result.mistakes)
    return 1
  }
  const { failures, cases, untested } = result
  for (const { check: name, name: what, message } of failures)
    console.log(`not ok  ${name}, ${what}\n        ${message}`)
  if (untested.length > 0) console.log(`without a case: ${untested.join(', ')}`)
  console.log(`${cases - failures.length} of ${count(cases, 'case')} are as expected.`)
  return failures.length === 0 ? 0 : 1
}

function printMistakes(file: string, mistakes: readonly PlaybookMistake[]): void {
  for (const { line, column, message } of mistakes) console.error(`${file}:${line}:${column}: ${message}`)
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UserError('bad-usage', `${file} can't be read: ${errorMessage(error)}`)
  }
}
