import { reading, special } from './kit/arguments.ts'
import { gnu, toFilter } from './kit/filters.ts'

// Source: the manual of GNU coreutils 9.
export const tail = toFilter({
  name: 'tail',
  about: 'Prints the last lines only.',
  examples: ['dig example.org | tail -n 5', 'tail -n 50 /host/var/log/syslog'],
  options: [
    ...gnu,
    ...reading('-n,--lines= -c,--bytes= -q,--quiet,--silent -v,--verbose -z,--zero-terminated -f,--follow[=] -F'),
    ...reading('--retry -s,--sleep-interval= --max-unchanged-stats='),
    ...special('watches a process', '--pid='),
  ],
  dialect: { numbers: true },
  harmless: true,
  files: (given) => given.operands,
  notes: (given, files) =>
    files.length > 0 && given.options.some(({ option }) => option.names.includes('-f') || option.names.includes('-F'))
      ? ['tail -f does not end by itself: the deadline stops it']
      : [],
})
