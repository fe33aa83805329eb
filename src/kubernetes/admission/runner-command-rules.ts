import type { AdmissionScope, Validation } from './container-rules.ts'

const isNumber = (argv: string, at: number) => `${argv}[${at}].matches('^[0-9]{1,9}$')`

const maxDeadlineOf = ({ policy }: Pick<AdmissionScope, 'policy'>) =>
  Math.max(0, ...policy.sets.map(({ maxDeadline }) => maxDeadline))

/**
 * Returns a condition on `argv`, a CEL expression of a list: one run with a deadline that some set can give. `flags`:
 * the runner's further flags, and the maximum of a flag's number. Arguments after `--` are the tool's. The runner's own
 * flags have one order: see `buildCommand` in pod-spec.ts.
 */
function runCondition(scope: AdmissionScope, argv: string, flags: readonly string[]): string {
  const after = 7 + flags.length
  const flagConditions = flags.map((flag, at) =>
    flag.startsWith('--')
      ? `${argv}[${7 + at}] == '${flag}'`
      : `${isNumber(argv, 7 + at)} && int(${argv}[${7 + at}]) <= ${flag}`,
  )
  return [
    `${argv}.size() > ${after + 3}`,
    `${argv}[0] == '/usr/local/bin/retina-run' && ${argv}[1] == '--run'`,
    `${argv}[3] == '--deadline' && ${isNumber(argv, 4)} && int(${argv}[4]) <= ${maxDeadlineOf(scope)}`,
    `${argv}[5] == '--max-bytes' && ${isNumber(argv, 6)}`,
    ...flagConditions,
    `${argv}[${after}] == '--words' && ${argv}[${after + 2}] == '--'`,
  ].join(' && ')
}

/**
 * Returns the rule for a container's command: it ends with its run or, if containers are reused, after its lifetime.
 */
export function runnerCommandRule(scope: AdmissionScope): Validation {
  const condition = (argv: string) => {
    const once = runCondition(scope, argv, [])
    if (scope.stays === undefined) return once
    const { idle, life } = scope.stays
    const keep = ['--keep', String(idle + 60), '--life', String(life + maxDeadlineOf(scope))]
    return `(${once}) || (${runCondition(scope, argv, keep)})`
  }
  return {
    expression: `!has(c.args) && has(c.command) && (${condition('c.command')})`,
    message: 'the container does not start with the runner, which ends it at its deadline',
  }
}

/**
 * Returns the rule for execs in existing containers: only the end of a run and, if containers are reused, a further run
 * by the runner, or the runner that waits for a run and enforces the deadline that it is given here.
 */
export function runnerExecRule(scope: AdmissionScope): Validation {
  const stays = scope.stays !== undefined
  const argv = 'object.command'
  const verbs = stays ? "['--stop', '--cancel', '--follow']" : "['--stop']"
  const simple = `${argv}.size() == 3 && ${argv}[0] == '/usr/local/bin/retina-run' && ${argv}[1] in ${verbs}`
  const inDebugPod = `(request.namespace == '${scope.namespace}' && object.container == 'shell')`
  const ours = `object.container.startsWith('retina-')${stays ? ` || ${inDebugPod}` : ''}`
  const forms = stays ? `(${simple}) || (${runCondition(scope, argv, ['--spool'])})` : simple
  const stdin = 'object.?stdin.orValue(false)'
  const alone = `!${stdin} && (${forms})`
  const ready = `${stdin} && ${argv}.size() == 3 && ${argv}[0] == '/usr/local/bin/retina-run' && ${argv}[1] == '--standby'`
  const bounded = `${isNumber(argv, 2)} && int(${argv}[2]) <= ${maxDeadlineOf(scope)}`
  const all = stays ? `(${alone}) || (${ready} && ${bounded})` : alone
  return {
    expression: `(${ours}) && !object.?tty.orValue(false) && (${all})`,
    message: 'only the runner may be run in a container',
  }
}
