import { reading, special } from './kit/arguments.ts'
import { gnu, toFilter } from './kit/filters.ts'

// Source: the manual of GNU coreutils 9.
export const wc = toFilter({
  name: 'wc',
  about: 'Counts lines, words and bytes.',
  examples: ['iptables -S | wc -l'],
  options: [
    ...gnu,
    ...reading('-c,--bytes -m,--chars -l,--lines -L,--max-line-length -w,--words --total='),
    ...special('reads a file', '--files0-from='),
  ],
  harmless: true,
  files: (given) => given.operands,
})
