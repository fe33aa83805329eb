import { expect, test } from '@jest/globals'
import { interpretText } from '#core/output/interpret'
import { catalogue } from '#src/tools/index'
import { judge } from './claims.ts'
import { ownCases } from './own-cases.ts'

const at = '2026-11-24T10:00:00Z'

test.each(ownCases().map((each) => [`${each.argv.join(' ')} [${each.name}]`, each] as const))('%s', (_, each) => {
  const { argv, text, exit } = each
  const insight = interpretText({ argv, text, exit, at }, catalogue)
  expect(judge(each, insight)).toBeUndefined()
  expect(insight === undefined && (each.says ?? []).length > 0).toBe(false)
  for (const fact of insight?.facts ?? []) expect(fact.value).not.toMatch(/undefined|NaN|^$/)
})
