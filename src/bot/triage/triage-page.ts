import type { FanOut, Outcome } from '#core/fan-out/fan-out'
import type { CheckOnPage } from '#core/messages/run-page'
import { isSameChannel, type ThreadRef } from '#core/messages/thread-ref'
import type { Principal } from '#core/people/principal'
import { verified } from '#core/ports/store'
import { outputsOfCheck, type StepOutput, splitBatch } from '#core/triage/batch-output'
import type { CheckResult } from '#core/triage/check-result'
import { findCheck, type Playbooks } from '#core/triage/playbook'
import { statusRanks } from '#core/triage/target-table'
import { defined } from '#core/util/defined'
import { formatPipeline } from '#core/util/quote'
import type { BotContext } from '#src/bot/context'
import { loadWholeOutput } from '#src/lifecycle/verify-output'

/** Maximum bytes of the outputs of a page; the rest is left out. */
const maxOutputBytes = 8_000_000

/** Returns true for the person who ran the triage, and for people in the channel of its message. */
export function canViewTriage(person: Principal, { by, message }: FanOut, thread: ThreadRef): boolean {
  return isSameChannel(message, thread) || by.id === person.id
}

/**
 * Returns every check of a triage with its commands and their outputs, those that found something first. `changed`: runs
 * whose stored output isn't what was recorded, which is left out.
 */
export async function checksOnPage(
  context: Pick<BotContext, 'store' | 'playbooks'>,
  { members, triage }: FanOut,
  outcomes: ReadonlyMap<string, Outcome>,
): Promise<{ checks: readonly CheckOnPage[]; changed: readonly string[] }> {
  const playbooks = context.playbooks()
  const changed: string[] = []
  const known = triage?.known ?? []
  const checks = known.flatMap(({ target, results }) =>
    results.map((result) => toCheck(playbooks, target, result, objectsOf(result))),
  )
  let room = maxOutputBytes
  for (const { run: id, target } of members) {
    const { results = [] } = outcomes.get(id) ?? {}
    const run = verified(await context.store.run(id))
    // The output of a run that has expired may still be there.
    const whole = { id, ...defined({ output: run?.output }) }
    const read = room <= 0 ? undefined : await loadWholeOutput(context.store, whole, room)
    const [text, isRecorded] = [read?.text, read?.changed !== true]
    if (!isRecorded) changed.push(id)
    room -= text === undefined ? room : Buffer.byteLength(text)
    const steps = run?.request.batch?.steps ?? []
    const argvs = run?.request.pipeline.map(({ given }) => given) ?? []
    const outputs = splitBatch(isRecorded ? (text ?? '') : '', argvs, '')
    for (const result of results) {
      const own = outputsOfCheck(outputs, steps, result)
      const isThere = isRecorded && text !== undefined
      checks.push(
        toCheck(
          playbooks,
          target,
          result,
          own.map(({ output }) => toCommand(output, isThere)),
        ),
      )
    }
  }
  return { checks: checks.toSorted((one, other) => statusRanks[other.status] - statusRanks[one.status]), changed }
}

/** Returns what a check of the API server's objects read, as far as its result says it. */
function objectsOf({ command, evidence }: CheckResult): CheckOnPage['commands'] {
  return command === undefined ? [] : [{ command, output: evidence ?? '' }]
}

function toCommand({ argv, text, exit, problem }: StepOutput, isThere: boolean): CheckOnPage['commands'][number] {
  const note = isThere ? (problem ?? (exit === 0 ? undefined : `exit code ${exit}`)) : 'its output is left out'
  return { command: formatPipeline([argv]), output: text, ...defined({ note }) }
}

function toCheck(
  playbooks: Playbooks,
  target: string,
  { playbook, check, each, status, said }: CheckResult,
  commands: CheckOnPage['commands'],
): CheckOnPage {
  const title = findCheck(playbooks, playbook, check)?.title ?? ''
  return { target, playbook, check, title, status, commands, ...defined({ each, said }) }
}

/** Returns all outputs as one text, for the page's search and its download. */
export function outputsText(checks: readonly CheckOnPage[]): string {
  return checks
    .flatMap(({ target, check, commands }) =>
      commands.map(({ command, output, note }) => {
        const head = `===== ${target} · ${check} · ${command}${note === undefined ? '' : ` · ${note}`}`
        return `${head}\n${output}`
      }),
    )
    .join('\n')
}
