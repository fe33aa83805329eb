import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { Store } from '#core/ports/store'
import { outputsOfCheck, type StepOutput, splitBatch } from '#core/triage/batch-output'
import { isIll } from '#core/triage/check-result'
import { defined } from '#core/util/defined'
import { readOutcomes } from '#src/lifecycle/fan-out-outcomes'
import type { PlaybookCases } from '#src/playbooks/cases'
import { type openStore, whole } from '#test/environment/store'

type Case = PlaybookCases['cases'][number]
/** What a check of a playbook found in the outputs of a fault. */
export type RecordedCase = { playbook: string; case: Case }

/** Maximum number of cases of a check, and of characters of the outputs of one. */
const maxCases = 3
const maxChars = 64_000

/** Returns the outputs of all checks that found something in a triage; the objects of the API server are not among them. */
export async function recordedCases(
  store: Pick<Store, 'getValue' | 'fields'> & Pick<ReturnType<typeof openStore>, 'run' | 'transcript'>,
  triage: string,
  fault: string,
): Promise<RecordedCase[]> {
  const fanOut = whole(await store.getValue('fan-out', triage))
  if (fanOut === undefined) throw new Error(`there is no triage ${triage}`)
  const outcomes = await readOutcomes(store, triage)
  const cases = await Promise.all(
    fanOut.members.map(async ({ run: id }) => {
      const request = (await store.run(id))?.request
      const text = await store.transcript(id, 8_000_000)
      if (request?.batch === undefined || text === undefined) return []
      const { steps, facts } = request.batch
      const argvs = request.pipeline.map(({ given }) => given)
      const outputs = splitBatch(text, argvs, '')
      return (outcomes.get(id)?.results ?? []).filter(isIll).map(({ playbook, check, each, status, said }) => {
        const own = outputsOfCheck(outputs, steps, { playbook, check, ...defined({ each }) })
        const [later, first] = [true, false].map((isLater) =>
          own.filter(({ index }) => (steps[index]?.later === true) === isLater).map(({ output }) => toOutput(output)),
        )
        // Numbers and addresses are left out: those of a check's words are others in a case.
        const [says = ''] = (said ?? '').split(/\s*\S*\d\S*\s*/).toSorted((one, other) => other.length - one.length)
        const name = `recorded from the fault: ${fault}`
        return {
          playbook,
          case: {
            ...{ check, name, outputs: first ?? [], ...(later?.length ? { later } : {}) },
            ...{ facts: structuredClone(facts) as Case['facts'], expect: status, says },
          },
        }
      })
    }),
  )
  return cases.flat()
}

function toOutput({ text, exit, problem, lines }: StepOutput): Case['outputs'][number] {
  if (exit === 0 && lines === undefined) return text
  return { text, ...defined({ exit, problem, lines }) }
}

/** Writes the cases to a folder, one file for each playbook. */
export function writeRecorded(folder: string, cases: readonly RecordedCase[]): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  for (const [playbook, own] of Map.groupBy(cases, (each) => each.playbook)) {
    const kept = [...Map.groupBy(own, (each) => each.case.check).values()].flatMap((same) =>
      same.filter((each) => JSON.stringify(each.case).length <= maxChars).slice(0, maxCases),
    )
    const file = { playbook: `../../../src/playbooks/${playbook}.yaml`, cases: kept.map((each) => each.case) }
    const head = '# Outputs of faults that were really made. Written by `npm run triage-faults -- --record`.\n'
    writeFileSync(join(folder, `${playbook}.yaml`), `${head}${stringify(file, { lineWidth: 0 })}`)
  }
}
