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
