export type GivenAnswers = ReadonlyMap<string, string>
export type Mistake = { mistake: string }

/** A question of `init`, and the flag that answers it. Lists are texts with commas. */
export type StarterQuestion = {
  flag: string
  text: string
  /** False where other answers make the question pointless. */
  applies: (given: GivenAnswers) => boolean
  /** Returns the answer that replaces an empty one; undefined where there is none. */
  otherwise: (given: GivenAnswers) => string | undefined
  /** True where the flag may be left out without a terminal. */
  isOptional: boolean
  check: (answer: string) => Mistake | undefined
}

const always = () => true

/** Parts of a question that has to be answered. */
export const required = { applies: always, otherwise: () => undefined, isOptional: false }

/** Returns the parts of a question whose flag may be left out. */
export function optional(otherwise: StarterQuestion['otherwise']) {
  return { applies: always, otherwise, isOptional: true }
}
