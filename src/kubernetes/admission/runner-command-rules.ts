import type { CapabilitySet } from '#core/policy/policy'
import { containerSeconds } from '#core/terminal/terminal-session'
import { debugContainerName, runnerPath } from '#src/kubernetes/workload/pod-spec'
import type { AdmissionScope } from './admission-scope.ts'
import { list, onlyFields, text, type Validation } from './cel.ts'

/** Form of run ids, as a regular expression: see `runIdOf`. */
export const runIdForm = '[a-z2-7]{12}'

const isNumber = (word: string) => `${word}.matches('^[0-9]{1,9}$')`
const isAtMost = (word: string, most: number) => `${isNumber(word)} && int(${word}) <= ${most}`
const isRunId = (word: string) => `${word}.matches(${text(`^${runIdForm}$`)})`

const maxDeadlineOf = ({ policy }: Pick<AdmissionScope, 'policy'>) =>
  Math.max(0, ...policy.sets.map(({ maxDeadline }) => maxDeadline))

/** Returns the longest session that a set gives, in seconds; 0 where none gives shells. */
export function maxSessionOf(sets: readonly CapabilitySet[]): number {
  return Math.max(0, ...sets.map(({ terminal }) => terminal?.maxSession ?? 0))
}

/**
 * Returns a condition on the runner's argv, a CEL expression of a list: its run or session ends after at most as many
 * seconds as a set gives.
 */
export function deadlineCondition(argv: string, set: CapabilitySet): string {
  const maxSession = maxSessionOf([set])
  const runs = `${argv}.size() > 4 && ${isAtMost(`${argv}[4]`, set.maxDeadline)} && ${argv}[1] != '--hold'`
  return maxSession === 0 ? runs : `((${runs}) || (${holdCondition(argv, maxSession)}))`
}

/** Returns a condition that the argv holds a container for one session of at most so many seconds. */
function holdCondition(argv: string, maxSession: number): string {
  return [
    `${argv}.size() == 5 && ${argv}[0] == ${text(runnerPath)} && ${argv}[1] == '--hold' && ${isRunId(`${argv}[2]`)}`,
    `${argv}[3] == '--life' && ${isAtMost(`${argv}[4]`, containerSeconds(maxSession))}`,
  ].join(' && ')
}

/**
 * Returns a condition that the argv begins or joins the session of the container in which it is executed: its id is in
 * the name of the debug pod or of the ephemeral container. The words of the shell come after `--`; what they may do is
 * what the container may.
 */
function sessionCondition({ namespace, policy }: AdmissionScope, argv: string): string {
  const ownId = `(request.namespace == ${text(namespace)} ? request.name : object.?container.orValue('')) == 'retina-' + ${argv}[2]`
  const begins = [
    `${argv}.size() > 10 && ${argv}[1] == '--session' && ${argv}[3] == '--detached' && ${isAtMost(`${argv}[4]`, 3_600)}`,
    `${argv}[5] == '--max' && ${isAtMost(`${argv}[6]`, maxSessionOf(policy.sets))}`,
    `${argv}[7] == '--size' && ${argv}[8].matches('^[0-9]{1,4}x[0-9]{1,4}$') && ${argv}[9] == '--'`,
  ].join(' && ')
  const joins = `${argv}.size() == 3 && ${argv}[1] == '--attach'`
  return `${argv}.size() > 2 && ${argv}[0] == ${text(runnerPath)} && ${isRunId(`${argv}[2]`)} && ${ownId} && ((${joins}) || (${begins}))`
}

/**
 * Returns a condition on `argv`, a CEL expression of a list: one run with a deadline that some set can give. `flags`:
 * the runner's further flags, and the maximum of a flag's number. Arguments after `--` are the tool's. The runner's own
 * flags have one order: see `buildCommand` in pod-spec.ts.
 */
function runCondition(scope: AdmissionScope, argv: string, flags: readonly (string | number)[]): string {
  const after = 7 + flags.length
  const flagConditions = flags.map((flag, at) => {
    const word = `${argv}[${7 + at}]`
    return typeof flag === 'string' ? `${word} == ${text(flag)}` : isAtMost(word, flag)
  })
  return [
    `${argv}.size() > ${after + 3}`,
    `${argv}[0] == ${text(runnerPath)} && ${argv}[1] == '--run' && ${isRunId(`${argv}[2]`)}`,
    `${argv}[3] == '--deadline' && ${isAtMost(`${argv}[4]`, maxDeadlineOf(scope))}`,
    `${argv}[5] == '--max-bytes' && ${isAtMost(`${argv}[6]`, scope.maxOutputBytes)}`,
    ...flagConditions,
    `${argv}[${after}] == '--words' && ${argv}[${after + 1}].matches('^[0-9]+-?(,[0-9]+-?)*$') && ${argv}[${after + 2}] == '--'`,
  ].join(' && ')
}

/**
 * Returns the rule for a container's command: it ends with its run, after its lifetime if containers are reused, or with
 * its session.
 */
export function runnerCommandRule(scope: AdmissionScope): Validation {
  const condition = (argv: string) => {
    const maxSession = maxSessionOf(scope.policy.sets)
    const { idle = 0, life = 0 } = scope.stays ?? {}
    const keep = ['--keep', idle + 60, '--life', life + maxDeadlineOf(scope)]
    const conditions = [
      runCondition(scope, argv, []),
      ...(scope.stays === undefined ? [] : [runCondition(scope, argv, keep)]),
      ...(maxSession === 0 ? [] : [holdCondition(argv, maxSession)]),
    ]
    return conditions.map((each) => `(${each})`).join(' || ')
  }
  return {
    expression: `!has(c.args) && has(c.command) && (${condition('c.command')})`,
    message: 'the container does not start with the runner, which ends it at its deadline',
  }
}

const execFields = ['kind', 'apiVersion', 'stdin', 'stdout', 'stderr', 'tty', 'container', 'command']

/**
 * Returns the rules for connections to existing containers: no attach, forwarded port and proxy, and execs only of the
 * runner: the end of a run and, if containers are reused, a further run by the runner, or the runner that waits for a
 * run and enforces the deadline that it is given here; where sets give shells, the runner that begins or joins the
 * session of that container.
 */
export function runnerExecRules(scope: AdmissionScope): Validation[] {
  const stays = scope.stays !== undefined
  const sessions = maxSessionOf(scope.policy.sets) > 0
  const argv = 'object.command'
  const isRunner = `${argv}.size() == 3 && ${argv}[0] == ${text(runnerPath)}`
  const verbs = stays ? ['--stop', '--cancel', '--follow'] : ['--stop']
  const simple = `${isRunner} && ${argv}[1] in ${list(verbs)} && ${isRunId(`${argv}[2]`)}`
  const stdin = 'object.?stdin.orValue(false)'
  const alone = `!${stdin} && ${simple}`
  const ready = `${isRunner} && ${argv}[1] == '--standby' && ${isAtMost(`${argv}[2]`, maxDeadlineOf(scope))}`
  // Both read the key of the run's frames from there.
  const begins = `${stdin} && ((${ready}) || (${runCondition(scope, argv, ['--spool'])}))`
  const shell = `${stdin} && ${sessionCondition(scope, argv)}`
  const all = [alone, ...(stays ? [begins] : []), ...(sessions ? [shell] : [])].map((each) => `(${each})`).join(' || ')
  const message = 'only the runner may be run in a container'
  const isExec = "(request.?subResource.orValue('') == 'exec')"
  const fields = onlyFields('object', execFields, 'an exec of the program')
  return [
    { expression: isExec, message: `${message}, and nothing else may connect to one` },
    { ...fields, expression: `!${isExec} || ${fields.expression}` },
    {
      expression: `!${isExec} || ((${ownContainerCondition(scope, stays || sessions)}) && !object.?tty.orValue(false) && has(object.command) && (${all}))`,
      message,
    },
  ]
}

/** Returns a condition that the request's container is one of a run: in somebody's pod, or in a debug pod that stays. */
function ownContainerCondition({ namespace }: AdmissionScope, inDebugPods: boolean): string {
  const container = "object.?container.orValue('')"
  const isHere = `request.namespace == ${text(namespace)}`
  const inPod = `!(${isHere}) && ${container}.matches(${text(`^retina-${runIdForm}$`)})`
  const inDebugPod = `${isHere} && ${container} == ${text(debugContainerName)} && request.name.matches(${text(`^retina-${runIdForm}$`)})`
  return inDebugPods ? `(${inPod}) || (${inDebugPod})` : inPod
}
