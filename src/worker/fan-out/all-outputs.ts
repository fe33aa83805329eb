import { createHash } from 'node:crypto'
import type { FanOut, Outcome } from '#core/fan-out/fan-out'
import { endText } from '#core/messages/end-text'
import type { Store } from '#core/ports/store'
import { defined } from '#core/util/defined'

/** Maximum bytes of all outputs together; further outputs are left out. */
const maxBytes = 4_000_000

const changedText = '(left out: the stored output was changed by something other than this program)'

/** Returns everything that a fan-out's runs wrote, one after the other, each under its target's name. */
export async function allOutputs(
  store: Pick<Store, 'transcript'>,
  fanOut: FanOut,
  outcomes: ReadonlyMap<string, Outcome>,
): Promise<string> {
  const parts = [`${fanOut.command} on ${fanOut.where}\n`]
  let remainingBytes = maxBytes
  for (const { run, target } of fanOut.members) {
    const { reason, exitCode, output } = outcomes.get(run) ?? {}
    const end = reason === undefined ? '' : endText({ reason, ...defined({ exitCode }) })
    const text = await store.transcript(run, remainingBytes)
    const isRecorded = text === undefined || createHash('sha256').update(text).digest('hex') === output
    const body = text === undefined ? `(left out: \`show ${run}\` has it)` : isRecorded ? text.trimEnd() : changedText
    // Leaves out even later outputs that would fit, so that everything left out is at the end.
    remainingBytes = text === undefined ? 0 : remainingBytes - Buffer.byteLength(text)
    parts.push(`\n===== ${target} · ${end.replace(/,$/, '')} · run ${run}\n${body}\n`)
  }
  return parts.join('')
}
