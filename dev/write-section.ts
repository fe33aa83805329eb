import { readFileSync, writeFileSync } from 'node:fs'

/** Replaces the text between `<!-- NAME -->` and `<!-- end of NAME -->` in a document. Throws where it has no such marks. */
export function writeSection(file: string, name: string, text: string): void {
  const [begin, end] = [`<!-- ${name} -->\n`, `<!-- end of ${name} -->`]
  const whole = readFileSync(file, 'utf8')
  const [from, to] = [whole.indexOf(begin), whole.indexOf(end)]
  if (from === -1 || to < from) throw new Error(`${file} has no place for this text: ${begin.trim()} … ${end}`)
  writeFileSync(file, `${whole.slice(0, from + begin.length)}\n${text.trim()}\n\n${whole.slice(to)}`)
}
