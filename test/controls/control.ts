/** A check of the program, and how it is taken out to show that tests depend on it. Paths are from the root. */
export type Control = {
  name: string
  /** What it protects, with the number of its threat in docs/security.md where it has one. */
  why: string
  file: string
  /** Text that occurs once in the file, and what stands there once the control is taken out. */
  find: string
  replace: string
  /** Test files that are run without it. */
  tests: readonly string[]
}

/** `red`: full names of the tests that fail without it, these and no others. */
export type RecordedControl = Control & { red: readonly string[] }
