import type { Alert } from '#core/alerts/alert'
import type { PressableAction } from '#core/runs/actions'

/**
 * Source of a command that was not typed. A command that an earlier version stored has none; the text beside it says
 * the same in the words that a person would type.
 */
export type StoredSource =
  /** A pressed button. `run`: the id of its run, followed by the page number of a paged action. */
  | { kind: 'button'; action: PressableAction; run: string }
  /** An approval that its reviewer confirmed with a passkey. */
  | { kind: 'confirmed'; run: string }
  /** An alert of a program; nobody typed it. */
  | { kind: 'alert'; alert: Alert }
  /** A message that a person chose in its menu ("Triage this"), with its text. */
  | { kind: 'message'; text: string }

/** Source of a command: typed, from a form or a person's own page (`query`), a button, a run that is repeated. */
export type CommandSource = StoredSource | { kind: 'typed' } | { kind: 'query' } | { kind: 'rerun'; run: string }
