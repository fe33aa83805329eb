import { reading } from './kit/arguments.ts'
import { toFilter } from './kit/filters.ts'

// Source: zcat(1) and gzip(1) of gzip 1.12. `-c` and `-d` are always on: nothing is written but the output.
export const zcat = toFilter({
  name: 'zcat',
  about: 'What is in a compressed file?',
  examples: ['zcat /proc/config.gz | grep CONFIG_BPF'],
  options: [...reading('-f,--force -q,--quiet -v,--verbose -l,--list -t,--test --help --version')],
  files: (given) => given.operands,
})
