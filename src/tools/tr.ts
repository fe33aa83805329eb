import { reading } from './kit/arguments.ts'
import { gnu, toFilter } from './kit/filters.ts'

// Source: the manual of GNU coreutils 9.
export const tr = toFilter({
  name: 'tr',
  about: 'Replaces characters.',
  examples: ['dig example.org +short | tr a-z A-Z'],
  options: [...gnu, ...reading('-c,--complement -C -d,--delete -s,--squeeze-repeats -t,--truncate-set1')],
  harmless: true,
})
