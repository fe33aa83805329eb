export const pipe = '|'

/** Word of a command, without its quotes and escapes. */
export type Word = {
  text: string
  /** `text` with every quoted character replaced by `_`: the characters that a shell would interpret remain. */
  bare: string
  /** True for the first of several words inside the same backticks. */
  ticked: boolean
}

export type Token = Word | typeof pipe

/** Returns the text of the word at an index; undefined for a pipe, and behind the end. */
export function textAt(tokens: readonly Token[], at: number): string | undefined {
  const token = tokens[at]
  return token === undefined || token === pipe ? undefined : token.text
}
