/** File of a worked example: its whole text, or a patch of the existing file. */
type ExampleFile = { file: string; isNew: boolean; text: string }

/** Worked example of a document: a heading with the files below it. */
export type Example = { title: string; files: readonly ExampleFile[] }

/**
 * Returns the worked examples of a document: headings of the second level, with blocks of code that are introduced by
 * a line such as `` `src/x.ts`: `` or `` `src/x.ts`, new: ``.
 */
export function examplesIn(document: string): readonly Example[] {
  return document
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [title = ''] = section.split('\n', 1)
      const blocks = section.matchAll(/^`([^`\n]+)`(, new)?:\n\n```(?:ts|diff)\n([\s\S]*?)^```$/gm)
      const files = [...blocks].map(([, file = '', isNew, text = '']) => ({ file, isNew: isNew !== undefined, text }))
      return { title, files }
    })
}

/**
 * Applies a patch without line numbers: parts between `@@` lines, in each of which the lines without `+` occur once in
 * the file. Throws where they don't.
 */
export function applyPatch(file: string, text: string, patch: string): string {
  return patch.split(/^@@.*\n/m).reduce((before, part) => {
    const lines = part.replace(/\n$/, '').split('\n')
    const side = (sign: string) =>
      lines
        .filter((line) => !line.startsWith(sign))
        .map((line) => `${line.slice(1)}\n`)
        .join('')
    const pieces = `\n${before}`.split(`\n${side('+')}`)
    if (pieces.length !== 2) throw new Error(`${file}: these lines occur ${pieces.length - 1} times:\n${side('+')}`)
    return pieces.join(`\n${side('-')}`).slice(1)
  }, text)
}
