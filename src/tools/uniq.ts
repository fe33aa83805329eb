import { reading } from './kit/arguments.ts'
import { gnu, toFilter } from './kit/filters.ts'

// Source: the manual of GNU coreutils 9.
export const uniq = toFilter({
  name: 'uniq',
  about: 'Removes repeated lines.',
  examples: ['iptables -S | sort | uniq -c'],
  options: [
    ...gnu,
    ...reading('-c,--count -d,--repeated -D --all-repeated[=] -f,--skip-fields= --group[=] -i,--ignore-case'),
    ...reading('-s,--skip-chars= -u,--unique -z,--zero-terminated -w,--check-chars='),
  ],
  dialect: { numbers: true },
  harmless: true,
  files: (given) => given.operands,
  output: (given) => (given.operands.length > 1 ? 'OUTPUT' : undefined),
})
