import { reading } from './kit/arguments.ts'
import { gnu, toFilter } from './kit/filters.ts'

// Source: the manual of GNU coreutils 9.
export const cut = toFilter({
  name: 'cut',
  about: 'Prints some columns of each line.',
  examples: ["dig example.org +short | cut -d . -f '1-2'"],
  options: [
    ...gnu,
    ...reading('-b,--bytes= -c,--characters= -d,--delimiter= -f,--fields= -n --complement -s,--only-delimited'),
    ...reading('--output-delimiter= -z,--zero-terminated'),
  ],
  harmless: true,
  files: (given) => given.operands,
})
