import { unitSeconds } from '#core/util/units'
import { parseError, quoted } from '../misunderstood.ts'
import type { ParseError } from '../parsed-shell-command.ts'
import { type Token, textAt } from '../token.ts'

/** Recordings of sessions; without filters, all that the person may see. `since`: an instant, or hours back from now. */
type RecordingsCommand = {
  verb: 'recordings'
  target?: string
  person?: string
  since?: { at: string } | { hours: number }
}

const suggestion = 'recordings --since 7d'

/** Parses `recordings [--target T] [--person P] [--since T]`. */
export function parseRecordings(tokens: readonly Token[]): RecordingsCommand | ParseError {
  const command: RecordingsCommand = { verb: 'recordings' }
  for (let at = 1; at < tokens.length; at += 2) {
    const [flag = '', value = ''] = [textAt(tokens, at), textAt(tokens, at + 1)]
    if (flag !== '--target' && flag !== '--person' && flag !== '--since') {
      const message = `${quoted(flag)} is not understood here; use --target, --person or --since.`
      return parseError('bad-option', message, suggestion)
    }
    if (value === '') return parseError('missing-value', `Say what to look for after \`${flag}\`.`, suggestion)
    if (flag === '--target') command.target = value
    else if (flag === '--person') command.person = value
    else {
      const since = toSince(value)
      if (since === undefined)
        return parseError('bad-time', `${quoted(value)} is not a time; use 12h, 7d or 2027-01-31.`, suggestion)
      command.since = since
    }
  }
  return command
}

function toSince(text: string): RecordingsCommand['since'] {
  const [, number, unit] = /^([1-9]\d{0,4})([hdw])$/.exec(text) ?? []
  if (number !== undefined && unit !== undefined) return { hours: (Number(number) * (unitSeconds[unit] ?? 0)) / 3_600 }
  const isDate = /^\d{4}-\d{2}-\d{2}(?:T[\d:.]{5,12}Z?)?$/.test(text) && !Number.isNaN(Date.parse(text))
  return isDate ? { at: new Date(text).toISOString() } : undefined
}
