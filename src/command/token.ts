export const pipe = '|'

/** One word as it was meant. */
export type Word = {
  text: string
  /** `text` with every quoted character as `_`: what a shell would still have looked at. */
  bare: string
  /** True for the first of several words that stood in the same code ticks. */
  ticked: boolean
}

export type Token = Word | typeof pipe
