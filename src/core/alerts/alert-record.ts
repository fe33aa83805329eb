import type { MessageRef } from '#core/messages/thread-ref'
import { runRetentionSeconds } from '#core/runs/run'
import type { Instant } from '#core/util/instant'
import { count } from '#core/util/units'
import type { Alert } from './alert.ts'

/** Known object that an alert names: what a person reads on its button, and the words behind `triage`. */
export type AlertChoice = { label: string; words: string }

/** What is stored of an alert that was shown: its buttons carry only its id. */
export type AlertRecord = {
  id: string
  alert: Alert
  message: MessageRef
  choices: readonly AlertChoice[]
  /** Playbooks that propose themselves for it; none: the usual ones of the target. */
  playbooks: readonly string[]
  /** Why there is no choice, or what is asked. */
  note?: string
  /** What was found when it fired before. */
  before?: string
  /** Present where triage began without a person: as whom. */
  automatic?: string
}

/** Seconds for which an alert is stored: as long as what its triage found. */
export const alertRetentionSeconds = runRetentionSeconds

/** Returns a past time as text: `12 minutes ago`, `3 days ago`. */
export function agoText(then: Instant, now: Date): string {
  return `${spanText((now.getTime() - Date.parse(then)) / 1_000)} ago`
}

/** Returns a duration in its largest unit: `12 minutes`, `3 days`. */
export function spanText(seconds: number): string {
  const units = [
    [86_400, 'day'],
    [3_600, 'hour'],
    [60, 'minute'],
  ] as const
  const [size, unit] = units.find(([each]) => seconds >= each) ?? [1, 'second']
  return count(Math.max(0, Math.floor(seconds / size)), unit)
}
