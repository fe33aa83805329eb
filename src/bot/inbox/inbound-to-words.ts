import { platforms } from '#core/people/platforms'
import type { InboundCommand } from '#core/ports/chat'
import type { StoredSource } from '#core/request/command-source'
import { pressableActions, wordsOfPress } from '#core/runs/actions'
import type { CommandContext } from '#src/bot/command-context'
import { readArgv, readTyped } from '#src/command/command-text-and-tokens'

/** Returns where a command comes from, and the words of it; only the text of a typed one is read. */
export function readInbound({
  text,
  source,
  account,
}: Pick<InboundCommand, 'text' | 'source' | 'account'>): Pick<CommandContext, 'source' | 'typed'> {
  const words = source === undefined ? undefined : wordsOf(source)
  if (source !== undefined && words !== undefined) return { source, typed: readArgv(text, words) }
  const entities = platforms[account.platform].entities === true
  return { source: { kind: 'typed' }, typed: readTyped(text, entities) }
}

/** Returns the words of a command that wasn't typed; undefined for a button of a later version. */
function wordsOf(source: StoredSource): readonly string[] | undefined {
  // The decision is made by the process that received the confirmation; here, a new one is asked for.
  if (source.kind === 'confirmed') return ['approve', source.run]
  if (source.kind === 'message') return ['triage', '--message']
  // Alerts are handled before anything is read.
  if (source.kind === 'alert') return []
  return pressableActions.includes(source.action) ? wordsOfPress(source.action, source.run) : undefined
}
