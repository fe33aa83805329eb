import { expect, test } from '@jest/globals'
import type { CheckResult, TargetResults } from '#core/triage/check-result'
import { parseExpression } from '#core/triage/expression'
import type { Check, Playbooks } from '#core/triage/playbook'
import { rankFindings } from '#core/triage/rank'

const value = parseExpression('value') ?? { kind: 'number' as const, value: 0 }

const check = (name: string, change: Partial<Check> = {}): Check => ({
  ...{
    name,
    title: name,
    run: [['true']],
    where: 'target',
    times: 1,
    read: { kind: 'nstat' },
    value,
    warn: [],
    fail: [],
  },
  ...{ explains: [], skipWhen: [], next: [`next-of-${name}`], specificity: 2 },
  ...change,
})

const playbooksOf = (...checks: Check[]): Playbooks =>
  new Map([['p', { name: 'p', title: 'p', for: 'node' as const, alerts: [], checks }]])

const result = (name: string, status: CheckResult['status'], change: Partial<CheckResult> = {}): CheckResult => ({
  ...{ playbook: 'p', check: name, status, said: `${name} is ${status}` },
  ...change,
})

const on = (target: string, ...results: CheckResult[]): TargetResults => ({ target, results })

test('a failed check comes before a warning, and a specific one before one with many causes', () => {
  const playbooks = playbooksOf(check('vague', { specificity: 1 }), check('exact', { specificity: 3 }), check('odd'))
  const { findings, counts } = rankFindings(
    [on('n1', result('vague', 'fail'), result('odd', 'warn'), result('exact', 'fail'))],
    playbooks,
  )
  expect(findings.map((each) => [each.check, each.sure])).toEqual([
    ['exact', 'high'],
    ['vague', 'medium'],
    ['odd', 'low'],
  ])
  expect(counts).toEqual({ fail: 2, warn: 1, ok: 0, unknown: 0 })
})

test('a specific warning explains failures that it names, and counts as one then; another warning explains none', () => {
  const playbooks = playbooksOf(
    check('drops', { explains: ['unreachable'], specificity: 3 }),
    check('vague', { explains: ['unreachable'], specificity: 2 }),
    check('unreachable'),
  )
  const rank = (...results: CheckResult[]) =>
    rankFindings([on('n1', ...results)], playbooks).findings.map((each) => [each.check, each.severity, ...each.folded])
  expect(rank(result('drops', 'warn'), result('unreachable', 'fail'))).toEqual([['drops', 'fail', 'unreachable']])
  expect(rank(result('drops', 'warn'))).toEqual([['drops', 'warn']])
  expect(rank(result('vague', 'warn'), result('unreachable', 'fail'))).toEqual([
    ['unreachable', 'fail'],
    ['vague', 'warn'],
  ])
})

test('what a finding explains stands under it, also over several steps and in a circle', () => {
  const playbooks = playbooksOf(
    check('route', { explains: ['dns'] }),
    check('dns', { explains: ['slow'] }),
    check('slow', { explains: ['route'] }),
    check('late', { skipWhen: ['route'] }),
    check('alone'),
  )
  const { findings } = rankFindings(
    [
      on(
        'n1',
        result('slow', 'warn'),
        result('route', 'fail'),
        result('dns', 'fail'),
        result('late', 'warn'),
        result('alone', 'warn'),
      ),
    ],
    playbooks,
  )
  expect(findings.map((each) => each.check)).toEqual(['route', 'alone'])
  expect([...(findings[0]?.folded ?? [])].sort()).toEqual(['dns', 'late', 'slow'])
})

test('a warning explains no failure, and nothing on other targets', () => {
  const playbooks = playbooksOf(check('cause', { explains: ['effect'] }), check('effect'))
  const weak = rankFindings([on('n1', result('cause', 'warn'), result('effect', 'fail'))], playbooks)
  expect(weak.findings.map((each) => each.check)).toEqual(['effect', 'cause'])
  const elsewhere = rankFindings([on('n1', result('cause', 'fail')), on('n2', result('effect', 'fail'))], playbooks)
  expect(elsewhere.findings.map((each) => each.check).sort()).toEqual(['cause', 'effect'])
})

test('a check that was repeated counts once, as its worst, and says how many are like it', () => {
  const each = (name: string, status: CheckResult['status']) => result('dns', status, { each: name })
  const { findings, counts } = rankFindings(
    [on('n1', each('a', 'ok'), each('b', 'fail'), each('c', 'fail'))],
    playbooksOf(check('dns')),
  )
  expect(findings[0]?.said).toBe('dns is fail (and 1 more like it)')
  expect(counts).toEqual({ fail: 1, warn: 0, ok: 0, unknown: 0 })
})

const many = (values: readonly (number | string)[]): TargetResults[] =>
  values.map((own, at) => on(`n${at}`, result('mode', 'ok', { value: own })))

test('who differs from a majority of 60 % is named, from five targets on', () => {
  const playbooks = playbooksOf(check('mode', { compare: 'majority' }))
  expect(rankFindings(many(['a', 'a', 'a', 'b', 'a']), playbooks).findings).toMatchObject([
    { targets: ['n3'], of: 5, said: 'mode: b, unlike the others (a)' },
  ])
  expect(rankFindings(many(['a', 'a', 'b', 'a']), playbooks).findings).toEqual([])
  expect(rankFindings(many(['a', 'a', 'b', 'b', 'c']), playbooks).findings).toEqual([])
})

test('numbers far from the median are outliers, also where most are equal', () => {
  const playbooks = playbooksOf(check('mode', { compare: 'outliers' }))
  expect(rankFindings(many([10, 11, 9, 10, 12, 90]), playbooks).findings).toMatchObject([{ targets: ['n5'] }])
  expect(rankFindings(many([0, 0, 0, 0, 0, 0, 0, 500]), playbooks).findings).toMatchObject([{ targets: ['n7'] }])
  expect(rankFindings(many([10, 11, 9, 10, 12, 13]), playbooks).findings).toEqual([])
  expect(rankFindings(many([5, 5, 5, 5, 5]), playbooks).findings).toEqual([])
})

test('what was not looked at is grouped by check and reason', () => {
  const unknown = result('dns', 'unknown', { said: 'there is no dig here' })
  const { notLookedAt, findings } = rankFindings([on('n1', unknown), on('n2', unknown)], playbooksOf(check('dns')))
  expect(findings).toEqual([])
  expect(notLookedAt).toEqual([{ check: 'dns', why: 'there is no dig here', targets: 2 }])
})
