import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Layer, layers } from './layers.ts'

// Writes the picture of the layers into docs/architecture.md, between its two marks, from the table that the check of imports uses.

const file = join(import.meta.dirname, '../docs/architecture.md')
const drawn = layers.filter(({ folder }) => folder.startsWith('src/') || folder.startsWith('adapters/'))
const idOf = ({ folder }: Layer) => folder.replaceAll(/\W/g, '_')

/** Arrows to core are left out: every layer has one. The composition root imports all, so it has one arrow for each row. */
const arrows = drawn.flatMap((layer) =>
  layer.may
    .filter((folder) => folder !== 'src/core' && folder !== '*')
    .flatMap((folder) =>
      drawn.filter((each) => each.folder === folder).map((each) => `  ${idOf(layer)} --> ${idOf(each)}`),
    ),
)
const boxes = drawn.map((layer) => `  ${idOf(layer)}["${layer.folder}<br/><small>${layer.what}</small>"]`)
const picture = ['```mermaid', 'flowchart TD', ...boxes, ...arrows, '```'].join('\n')
const [before = '', after = ''] = readFileSync(file, 'utf8').split(/(?<=<!-- layers -->\n)[\s\S]*(?=<!-- end -->)/)
writeFileSync(file, `${before}${picture}\n${after}`)
