import { spanText } from '#core/alerts/alert-record'
import type { FanOut } from '#core/fan-out/fan-out'
import { type Store, verified } from '#core/ports/store'

/** Returns how long the alert of a triage fired, as text; undefined while it fires, and for a triage without an alert. */
export async function resolvedAfter(
  store: Pick<Store, 'getValue'>,
  { triage }: Pick<FanOut, 'triage'>,
): Promise<string | undefined> {
  if (triage?.alert === undefined) return undefined
  const { id } = triage.alert
  const [record, resolved] = await Promise.all([store.getValue('alert', id), store.getValue('alert-resolved', id)])
  const [startsAt, at] = [verified(record)?.alert.startsAt, verified(resolved)?.at]
  return startsAt === undefined || at === undefined
    ? undefined
    : spanText((Date.parse(at) - Date.parse(startsAt)) / 1_000)
}
