import type { ToolRequest } from '#core/request/request'
import { defined } from '#core/util/defined'
import { type BatchStep, type StepOutput, splitBatch } from './batch-output.ts'
import type { CheckResult } from './check-result.ts'
import { type CodeReaders, evaluateCheck } from './evaluate.ts'
import { isInterfaceWord } from './facts-of-api-objects.ts'
import { type Facts, findCheck, type Playbooks } from './playbook.ts'

/**
 * Returns what the checks of a batch found in its output. `at`: when it ended, or the present; `endedOnly`: leaves out checks of which a
 * command, or its second reading, has not ended.
 */
export function evaluateBatch(
  { batch, pipeline }: Pick<ToolRequest, 'batch' | 'pipeline'>,
  text: string,
  at: string,
  { playbooks, readers, endedOnly = false }: { playbooks: Playbooks; readers: CodeReaders; endedOnly?: boolean },
): CheckResult[] {
  if (batch === undefined) return []
  const outputs = splitBatch(
    text,
    pipeline.map((stage) => stage.given),
    at,
  )
  const steps = outputs.flatMap(({ index, each, output }) => {
    const step = batch.steps[index]
    if (step === undefined) return []
    const isRepeated = each !== undefined && step.each !== undefined && isInterfaceWord(step.each)
    return [{ step: isRepeated ? { ...step, each } : step, output }]
  })
  const byCheck = Map.groupBy(steps, ({ step }) => `${step.playbook}/${step.check}/${step.each ?? ''}`)
  return [...byCheck.values()].flatMap((own) => {
    const [first] = own
    if (first === undefined || (endedOnly && own.some(({ output }) => output.problem === 'not-run'))) return []
    return [evaluateSteps({ ...first.step, facts: batch.facts }, own, playbooks, readers)]
  })
}

function evaluateSteps(
  step: BatchStep & { facts: Facts },
  own: readonly { step: BatchStep; output: StepOutput }[],
  playbooks: Playbooks,
  readers: CodeReaders,
): CheckResult {
  const check = findCheck(playbooks, step.playbook, step.check)
  const { playbook, each } = step
  const name = { playbook, check: step.check, ...defined({ each }) }
  if (check === undefined) return { ...name, status: 'unknown', said: 'its playbook was changed meanwhile' }
  const first = own.flatMap((one) => (one.step.later ? [] : [one.output]))
  const later = own.flatMap((one) => (one.step.later ? [one.output] : []))
  return evaluateCheck(check, { ...name, facts: step.facts }, { first, later }, readers)
}
