/** Texts of the mistakes that people who start the program can make, by code. */
const mistakes = {
  'config-wrong': (details: string) =>
    `${details}\nNothing was started. Check the file with \`retina-chatops config check FILE\`.`,
  'unknown-person': (details: string) =>
    `${details}\nConsole users are listed under "console: people:" in retina.yaml.`,
  'bad-usage': (details: string) => `${details}\nRun \`retina-chatops help\` for usage.`,
  'missing-secret': (details: string) => `${details}`,
  'cannot-write': (details: string) => `${details}`,
} satisfies Record<string, (details: string) => string>

export type MistakeCode = keyof typeof mistakes

/** A mistake of the caller, printed as a sentence without a stack trace; any other thrown error is a defect. */
export class UserError extends Error {
  readonly code: MistakeCode
  constructor(code: MistakeCode, details: string) {
    super(mistakes[code](details))
    this.name = 'UserError'
    this.code = code
  }
}
