import type { AdmissionScope, Validation } from './container-rules.ts'

/** How the runner may be called, as conditions on a list of words. Its own flags stand in one order: see `commandOf` in pod.ts. */
type Form = (words: string) => string

const number = (words: string, at: number) => `${words}[${at}].matches('^[0-9]{1,9}$')`

const longestOf = ({ policy }: Pick<AdmissionScope, 'policy'>) =>
  Math.max(0, ...policy.sets.map(({ maxDeadline }) => maxDeadline))

/** One run with a deadline that some set can give, whose other flags are `flags`; what follows `--` is the tool's. */
function runs(fence: AdmissionScope, words: string, flags: readonly string[]): string {
  const after = 7 + flags.length
  const own = flags.map((flag, at) =>
    flag.startsWith('--')
      ? `${words}[${7 + at}] == '${flag}'`
      : `${number(words, 7 + at)} && int(${words}[${7 + at}]) <= ${flag}`,
  )
  return [
    `${words}.size() > ${after + 3}`,
    `${words}[0] == '/usr/local/bin/retina-run' && ${words}[1] == '--run'`,
    `${words}[3] == '--deadline' && ${number(words, 4)} && int(${words}[4]) <= ${longestOf(fence)}`,
    `${words}[5] == '--max-bytes' && ${number(words, 6)}`,
    ...own,
    `${words}[${after}] == '--words' && ${words}[${after + 2}] == '--'`,
  ].join(' && ')
}

/** Of a container's own command: it ends by itself, with its run, or where containers stay at the end of its life. */
export function runnerCommandRule(fence: AdmissionScope): Validation {
  const form: Form = (words) => {
    const once = runs(fence, words, [])
    if (fence.stays === undefined) return once
    const { idle, life } = fence.stays
    const keep = ['--keep', String(idle + 60), '--life', String(life + longestOf(fence))]
    return `(${once}) || (${runs(fence, words, keep)})`
  }
  return {
    expression: `!has(c.args) && has(c.command) && (${form('c.command')})`,
    message: 'the container does not begin with the runner, which ends it at its deadline',
  }
}

/**
 * Of what is run in a container that is there: the end of a run and, where containers stay, a further run by the runner, or the runner
 * that waits for one, whose deadline it holds to the one it is given here.
 */
export function runnerExecRule(fence: AdmissionScope): Validation {
  const stays = fence.stays !== undefined
  const words = 'object.command'
  const verbs = stays ? "['--stop', '--cancel', '--follow']" : "['--stop']"
  const simple = `${words}.size() == 3 && ${words}[0] == '/usr/local/bin/retina-run' && ${words}[1] in ${verbs}`
  const inDebugPod = `(request.namespace == '${fence.namespace}' && object.container == 'shell')`
  const ours = `object.container.startsWith('retina-')${stays ? ` || ${inDebugPod}` : ''}`
  const what = stays ? `(${simple}) || (${runs(fence, words, ['--spool'])})` : simple
  const stdin = 'object.?stdin.orValue(false)'
  const alone = `!${stdin} && (${what})`
  const ready = `${stdin} && ${words}.size() == 3 && ${words}[0] == '/usr/local/bin/retina-run' && ${words}[1] == '--standby'`
  const bounded = `${number(words, 2)} && int(${words}[2]) <= ${longestOf(fence)}`
  const all = stays ? `(${alone}) || (${ready} && ${bounded})` : alone
  return {
    expression: `(${ours}) && !object.?tty.orValue(false) && (${all})`,
    message: 'nothing is run in a container but the runner',
  }
}
