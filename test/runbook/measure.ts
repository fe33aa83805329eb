import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findFaults, linesPage } from './figures.ts'
import { readLines } from './read-lines.ts'

// Judges the lines of public guides with the policy that `init` writes, for a lead, without a cluster, names each that
// fails with what came of it, and writes docs/lines.md:
//
//   npm run measure-lines

const cases = readLines()
const faults = findFaults(cases)
for (const [{ target, expect, line }, fault] of faults) console.log(`${target} ${expect}: ${line}\n    ${fault}`)
const page = linesPage(cases, faults)
writeFileSync(join(import.meta.dirname, '../../docs/lines.md'), page)
console.log(page.split('\n').at(2))
console.log(page.trimEnd().split('\n').at(-1))
