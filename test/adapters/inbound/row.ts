/** A payload as a chat platform sends it, and what the bot has to read in it. */
export type InboundRow = {
  what: string
  /** Documentation page or public issue that shows the form. */
  source: string
  payload: object
  /**
   * The command's words, quoted where necessary; '' for a message without a command, which is answered with the help; `(CODE)` for a command that
   * is refused; undefined where nothing may arrive.
   */
  words: string | undefined
}

/** The command that most rows hold. */
export const dig = 'shell node001 dig x.example'

/** Returns a copy without the keys of undefined values, as JSON has it. */
export function toJson(value: object): object {
  return JSON.parse(JSON.stringify(value)) as object
}
