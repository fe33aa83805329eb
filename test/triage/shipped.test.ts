import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import type { StepOutput } from '#core/triage/batch-output'
import { isIll } from '#core/triage/check-result'
import { evaluateCheck } from '#core/triage/evaluate'
import { checkReaders, playbookNames, playbooks } from '#src/app/playbooks'
import { noFlags } from '#src/bot/triage/authorize-checks'
import { plan } from '#src/command/plan'
import { runCases } from '#src/playbooks/cases'
import { catalogue } from '#src/tools/index'

const fixtures = join(import.meta.dirname, 'fixtures')
const files = readdirSync(fixtures).filter((file) => file.endsWith('.yaml'))
const checks = [...playbooks.values()].flatMap((playbook) =>
  playbook.checks.map((check) => ({ playbook, check, name: `${playbook.name}/${check.name}` })),
)

test.each(files)('the checks of %s find in outputs what they have to, and nothing else', (file) => {
  const result = runCases(join(fixtures, file), playbookNames, checkReaders)
  expect(result).toMatchObject({ failures: [], untested: [] })
})

const recorded = join(import.meta.dirname, 'recorded')

test.each(readdirSync(recorded))('the checks of %s find in the outputs of faults what they found there', (file) => {
  const result = runCases(join(recorded, file), playbookNames, checkReaders)
  expect(result).toMatchObject({ failures: [], cases: expect.any(Number) })
})

test('each shipped playbook has outputs, and each of its checks one that it finds something in', () => {
  expect(files).toEqual([...playbooks.keys()].map((name) => `${name}.yaml`).sort())
  const text = files.map((file) => readFileSync(join(fixtures, file), 'utf8')).join('\n')
  // Those that only compare targets with each other find nothing in one output.
  const comparing = checks.filter(({ check }) => check.warn.length + check.fail.length === 0)
  expect(comparing.map(({ check }) => check.name).sort()).toEqual([
    'bridge-nf',
    'link-mtu',
    'rp-filter-mode',
    'syn-timeouts',
  ])
  const ill = new Set(
    [...text.matchAll(/check: (\S+)\n(?:(?!- check:)[\s\S])*?expect: (?:warn|fail)/g)].map(([, name]) => name),
  )
  const silent = checks.filter(({ check }) => !comparing.some((each) => each.check === check) && !ill.has(check.name))
  expect(silent.map(({ name }) => name)).toEqual([])
})

test('every command of every shipped playbook is reading by its tool’s own file, on nodes and in pods', () => {
  const commands = checks.flatMap(({ check, name }) =>
    check.run.map((words) => ({
      name,
      argv: words.map((word) => (typeof word === 'string' ? word : `${word.before}192.0.2.1${word.after}`)),
    })),
  )
  expect(commands.length).toBeGreaterThan(50)
  for (const { argv, name } of commands) {
    const tool = catalogue.tool(argv[0] ?? '')
    expect({ name, known: tool !== undefined }).toEqual({ name, known: true })
    for (const on of ['node', 'pod'] as const) {
      const reading = tool?.read(argv, on)
      expect({ name, effect: reading?.needs.effect, special: reading?.special, refusal: reading?.refusal }).toEqual({
        name,
        effect: 'read',
        special: [],
        refusal: undefined,
      })
    }
  }
})

test('every suggested command parses, and only reads', () => {
  for (const { check, name } of checks)
    for (const next of check.next) {
      const pipeline = next.split(' | ').map((stage) => stage.split(' '))
      const planned = plan({ flags: noFlags, pipeline, target: { kind: 'node' } }, catalogue, {
        repo: 'shell',
        version: 'dev',
      })
      if (next === 'date') continue
      expect({ name, next, effect: 'verb' in planned ? planned.message : planned.needs.effect }).toEqual({
        name,
        next,
        effect: 'read',
      })
    }
})

test('names that checks explain, or are skipped for, are checks', () => {
  const names = new Set(checks.map(({ check }) => check.name))
  const unknown = checks.flatMap(({ check, name }) =>
    [...check.explains, ...check.skipWhen].filter((other) => !names.has(other)).map((other) => `${name}: ${other}`),
  )
  expect(unknown).toEqual([])
})

const at = '2026-11-28T12:00:00.000Z'
const broken: readonly (readonly [string, Pick<StepOutput, 'text' | 'exit' | 'problem'>])[] = [
  ['a tool that is missing', { text: 'x: not found in this image\n', exit: 127 }],
  [
    'a program of the node that is missing',
    { text: "chroot: failed to run command 'x': No such file or directory\n", exit: 127 },
  ],
  ['a setting that is missing', { text: 'sysctl: cannot stat /proc/sys/net/x: No such file or directory\n', exit: 1 }],
  ['a link that is missing', { text: 'Device "eth0" does not exist.\n', exit: 1 }],
  ['what is not permitted', { text: 'Operation not permitted\n', exit: 1 }],
  ['a command that hangs', { text: '', problem: 'deadline' }],
  ['a command that was not run', { text: '', problem: 'not-run' }],
  ['too much output', { text: 'x'.repeat(100), problem: 'output-limit' }],
  ['an empty output', { text: '', exit: 0 }],
  ['garbage', { text: '\u0000\u0001 {]} <<<< 100% \n'.repeat(50), exit: 0 }],
  ['a page of HTML', { text: '<html><body>504 Gateway Timeout</body></html>\n', exit: 0 }],
  ['JSON of another kind', { text: '{"error": [1, 2, {"a": null}]}\n', exit: 0 }],
  ['a list of nothing', { text: '[ null, 1, "x", {} ]\n', exit: 0 }],
  ['a failure', { text: 'Segmentation fault\n', exit: 139 }],
]

test.each(broken)('%s is never a finding', (_name, output) => {
  for (const { playbook, check, name } of checks) {
    const argvs = check.run.length === 0 ? [['api', check.api ?? '']] : check.run.map((words) => words.map(String))
    const outputs = argvs.map((argv) => ({ argv, at, ...output }))
    const later = check.twice === undefined ? [] : outputs
    const result = evaluateCheck(
      check,
      { playbook: playbook.name, facts: { clusterDns: ['10.96.0.10'], podCidrs: ['10.244.1.0/24'] } },
      { first: outputs, later },
      checkReaders,
    )
    expect({ name, ill: isIll(result), said: result.said }).toMatchObject({ name, ill: false })
  }
})
