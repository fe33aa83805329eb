/** A security or reliability check of the program, and how it is removed to show that tests depend on it. Paths are from the root. */
export type Control = {
  name: string
  /** What the control ensures, with the number of its threat in docs/security.md if it has one. */
  why: string
  file: string
  /** Text that occurs once in the file, and its replacement, which removes the control. */
  find: string
  replace: string
  /** Test files that are run without the control. */
  tests: readonly string[]
}

/** `red`: full names of the tests that must fail without the control; no others may. */
export type RecordedControl = Control & { red: readonly string[] }
