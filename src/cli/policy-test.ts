import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { errorMessage } from '#core/util/error-message'
import { UserError } from '#src/app/user-error'
import type { Config } from '#src/config/load'
import { type PolicyTestCase, policyTestsSchema } from '#src/config/policy-tests-schema'
import { readYaml, type Source } from '#src/yaml/positions'
import { askerOf, evaluate } from './decide-by-policy.ts'
import { loadOrExit, readOptions } from './subcommand-options.ts'

const options = { config: { type: 'string' } } as const

/** `policy test FILE`: returns 0 when the policy decides every case of the file as expected, 1 when it doesn't. */
export async function testPolicy(argv: readonly string[]): Promise<number> {
  const [verb, ...rest] = argv
  const { values, positionals } = readOptions(rest, options)
  const [file] = positionals
  if (verb !== 'test' || file === undefined || positionals.length > 1) {
    throw new UserError('bad-usage', 'Usage: `policy test FILE`.')
  }
  const { source, cases, policy } = readCases(file)
  const config = loadOrExit(values.config ?? resolve(dirname(file), policy ?? 'retina.yaml'))
  let failed = 0
  for (const [index, each] of cases.entries()) {
    const { line } = source.at(['cases', index])
    const mismatch = findMismatch(each, config)
    if (mismatch === undefined) console.log(`ok      ${file}:${line}  ${each.as}: ${each.run} → ${each.expect}`)
    else console.log(`not ok  ${file}:${line}  ${each.as}: ${each.run}\n        ${mismatch}`)
    if (mismatch !== undefined) failed++
  }
  console.log(`${cases.length - failed} of ${cases.length} cases are decided as expected.`)
  return failed === 0 ? 0 : 1
}

function readCases(file: string): { source: Source; cases: readonly PolicyTestCase[]; policy: string | undefined } {
  const source = readYaml(readText(file))
  const read = policyTestsSchema.safeParse(source.value)
  const mistakes = read.success
    ? source.mistakes
    : [
        ...source.mistakes,
        ...read.error.issues.map(({ path, message }) => ({
          ...source.at(path),
          message: `"${path.join('.')}": ${message}`,
        })),
      ]
  if (!read.success || mistakes.length > 0) {
    const lines = mistakes.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`)
    throw new UserError('bad-usage', lines.join('\n'))
  }
  return { source, ...read.data, policy: read.data.policy }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UserError('bad-usage', `${file} can't be read: ${errorMessage(error)}`)
  }
}

/** Returns how the policy decides differently; undefined where it decides as expected. */
function findMismatch(each: PolicyTestCase, config: Config): string | undefined {
  const { as, groups, platform, labels, at, run, expect } = each
  const asker = askerOf({ as, groups, channel: each.in, platform, labels }, config)
  const judged = evaluate(config, [run], asker, at === undefined ? new Date() : new Date(at))
  if ('verb' in judged)
    return expect === 'misunderstood'
      ? undefined
      : `expected ${expect}, got misunderstood (${judged.code}): ${judged.message}`
  const { decision } = judged
  const got =
    decision.effect === 'deny'
      ? `deny (${decision.reason}): ${decision.message}`
      : `${decision.effect} by the set "${decision.set}"`
  if (decision.effect !== expect) return `expected ${expect}, got ${got}`
  const set = decision.effect === 'deny' ? undefined : decision.set
  const reason = decision.effect === 'deny' ? decision.reason : undefined
  if (each.set !== undefined && each.set !== set) return `expected the set "${each.set}", got ${got}`
  return each.reason !== undefined && each.reason !== reason
    ? `expected the reason "${each.reason}", got ${got}`
    : undefined
}
