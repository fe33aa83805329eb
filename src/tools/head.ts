import { reading } from './kit/arguments.ts'
import { gnu, toFilter } from './kit/filters.ts'

// Source: the manual of GNU coreutils 9.
export const head = toFilter({
  name: 'head',
  about: 'Prints the first lines only.',
  examples: ['iptables -nvL | head -n 2', 'head -n 20 /host/etc/resolv.conf'],
  options: [...gnu, ...reading('-n,--lines= -c,--bytes= -q,--quiet,--silent -v,--verbose -z,--zero-terminated')],
  dialect: { numbers: true },
  harmless: true,
  files: (given) => given.operands,
})
