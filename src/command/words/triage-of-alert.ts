import { parseError } from '../misunderstood.ts'
import type { ParseError } from '../parsed-shell-command.ts'
import { type Token, textAt } from '../token.ts'

/** Triage of what an alert names (`choice`, from 1), or of what the message names that a person chose in its menu. */
export type AlertTriageCommand = { verb: 'triage-alert'; id: string; choice: number } | { verb: 'triage-message' }

/** Parses `triage --alert ID [N]` and `triage --message`, which buttons and menus mean; undefined for other commands. */
export function parseTriageOfAlert(tokens: readonly Token[]): AlertTriageCommand | ParseError | undefined {
  const flag = textAt(tokens, 1)
  if (flag === '--message' && tokens.length === 2) return { verb: 'triage-message' }
  if (flag !== '--alert') return undefined
  const [id = '', choice = '1'] = [textAt(tokens, 2)?.toLowerCase(), textAt(tokens, 3)]
  if (/^[a-z0-9]{1,64}$/.test(id) && /^[1-9]$/.test(choice) && tokens.length <= 4)
    return { verb: 'triage-alert', id, choice: Number(choice) }
  return parseError('bad-id', '`triage --alert ID N` takes the ID of an alert and the number of one of its objects.')
}
