import { readFileSync } from 'node:fs'
import { errorMessage } from '#core/util/error-message'
import { count } from '#core/util/units'
import { checkReaders, playbookNames } from '#src/app/playbooks'
import { UserError } from '#src/app/user-error'
import { runCases } from '#src/playbooks/cases'
import { type PlaybookMistake, parsePlaybook } from '#src/playbooks/load'
import { readOptions } from './arguments.ts'

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
  const loaded = parsePlaybook(readText(file), playbookNames)
  if ('mistakes' in loaded) {
    printMistakes(file, loaded.mistakes)
    return false
  }
  const { name, checks } = loaded.playbook
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
