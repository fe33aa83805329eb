import type { Tool } from '#core/request/tool'
import { reading } from './kit/arguments.ts'
import { toFilter } from './kit/filters.ts'

// Source: the manual of GNU coreutils 9.

export const cat: Tool = toFilter({
  name: 'cat',
  about: 'What is in a file?',
  examples: ['cat /etc/os-release'],
  options: [
    ...reading('-A,--show-all -b,--number-nonblank -e -E,--show-ends -n,--number -s,--squeeze-blank -t -T,--show-tabs'),
    ...reading('-u -v,--show-nonprinting --help --version'),
  ],
  harmless: true,
  files: (given) => given.operands,
})
