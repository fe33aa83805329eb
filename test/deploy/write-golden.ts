import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { changes, goldenFolder, render, variants, wholeText } from './golden.ts'

// Writes what the chart renders now as what the tests expect: read the difference before you commit it.

rmSync(goldenFolder, { recursive: true, force: true })
mkdirSync(goldenFolder)
const base = await render('base')
writeFileSync(join(goldenFolder, 'base.yaml'), wholeText(base))
for (const name of variants) writeFileSync(join(goldenFolder, `${name}.diff`), changes(base, await render(name)))
