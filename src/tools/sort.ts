import { reading, special, specialChange } from './kit/arguments.ts'
import { gnu, toFilter } from './kit/filters.ts'

// Source: the manual of GNU coreutils 9.
export const sort = toFilter({
  name: 'sort',
  about: 'Sorts lines.',
  examples: ['iptables -S | sort'],
  options: [
    ...gnu,
    ...reading('-b,--ignore-leading-blanks -d,--dictionary-order -f,--ignore-case -g,--general-numeric-sort --debug'),
    ...reading('-i,--ignore-nonprinting -M,--month-sort -h,--human-numeric-sort -n,--numeric-sort -R,--random-sort'),
    ...reading(
      '-r,--reverse --sort= -V,--version-sort --batch-size= -c -C --check[=] -k,--key= -m,--merge -s,--stable',
    ),
    ...reading('-S,--buffer-size= -t,--field-separator= --parallel= -u,--unique -z,--zero-terminated'),
    ...specialChange('writes a file', '-o,--output= -T,--temporary-directory='),
    ...specialChange('runs a program', '--compress-program='),
    ...special('reads a file', '--files0-from= --random-source='),
  ],
  files: (given) => given.operands,
})
