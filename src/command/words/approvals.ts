import { isParseError } from '../misunderstood.ts'
import type { ParseError } from '../parsed-shell-command.ts'
import { pipe, type Token } from '../token.ts'
import type { CommandWord, HelpPage } from './command-word.ts'
import { parseAlone, parseId, toPlainText } from './no-argument-or-run-id.ts'

const help: HelpPage = {
  title: "approvals, approve, deny: decide somebody else's request",
  text: [
    'approvals lists the requests that wait for you, and your own that wait for others.',
    'approve ID [--window] and deny ID [REASON…] do the same as the buttons of a pending request. One denial is final.',
    'With --window, the approval also covers further requests of the same person for the same set and target, for as long as the policy allows.',
    'Nobody decides their own request; the requester can withdraw it with cancel ID. Where the policy lets you, --break-glass with a reason runs without approval.',
  ].join('\n'),
  examples: [
    { command: 'approve abcdefgh2345', about: 'yes, this once' },
    { command: 'deny abcdefgh2345 not before the backup', about: 'no, and why' },
  ],
}

/** Words about approvals. */
export const approvalWords = {
  approvals: { parse: parseAlone('approvals'), does: 'answers', help },
  approve: { parse: parseApprove, does: 'acts', help },
  deny: { parse: parseDeny, does: 'acts', help },
} satisfies Record<string, CommandWord>

/** `window`: the approval also covers later requests, for the time that the policy permits. */
type ApproveCommand = { verb: 'approve'; id: string; window: boolean }
type DenyCommand = { verb: 'deny'; id: string; reason?: string }

/** Parses `approve ID [--window]`. */
function parseApprove(tokens: readonly Token[]): ApproveCommand | ParseError {
  const rest = tokens.filter((token, at) => at < 1 || token === pipe || !/^--?window$/.test(token.text))
  const read = parseId(rest, 'approve')
  return isParseError(read) ? read : { ...read, window: rest.length < tokens.length }
}

/** Parses `deny ID REASON…`: everything after the id is the reason. */
function parseDeny(tokens: readonly Token[]): DenyCommand | ParseError {
  const read = parseId(tokens.slice(0, 2), 'deny')
  if (isParseError(read)) return read
  const reason = toPlainText(tokens.slice(2))
  return { ...read, ...(reason === '' ? {} : { reason }) }
}
