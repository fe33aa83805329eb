import { join } from 'node:path'
import { type Layer, layers } from './layers.ts'
import { writeSection } from './write-section.ts'

// Writes the diagram of the layers into docs/architecture.md, between its two markers, from the table that dev/check-imports.ts uses.

const file = join(import.meta.dirname, '../docs/architecture.md')
const drawnLayers = layers.filter(({ folder }) => folder.startsWith('src/') || folder.startsWith('adapters/'))
const idOf = ({ folder }: Layer) => folder.replaceAll(/\W/g, '_')

/** Arrows of the diagram. Those to core and its ports are left out, as nearly every layer has them; so are those of the composition root, which imports all. */
const arrows = drawnLayers.flatMap((layer) =>
  layer.may
    .filter((folder) => !folder.startsWith('src/core') && folder !== '*')
    .flatMap((folder) =>
      drawnLayers.filter((each) => each.folder === folder).map((each) => `  ${idOf(layer)} --> ${idOf(each)}`),
    ),
)
const boxes = drawnLayers.map((layer) => `  ${idOf(layer)}["${layer.folder}<br/><small>${layer.what}</small>"]`)
const diagram = ['```mermaid', 'flowchart TD', ...boxes, ...arrows, '```'].join('\n')
writeSection(file, 'layers', diagram)
