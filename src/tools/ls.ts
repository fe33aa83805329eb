import type { Tool } from '#core/request/tool'
import { isGiven, reading } from './kit/arguments.ts'
import { toFilter } from './kit/filters.ts'

export const ls: Tool = toFilter({
  name: 'ls',
  about: 'Which files are there?',
  examples: ['ls /host', 'ls -l /host/etc/cni/net.d'],
  options: [
    ...reading(
      '-a,--all -A,--almost-all --author -b,--escape --block-size= -B,--ignore-backups -c -C --color[=] -d,--directory',
    ),
    ...reading('-f -F,--classify[=] --file-type --format= --full-time -g --group-directories-first -G,--no-group -h'),
    ...reading(
      '--human-readable --si -H,--dereference-command-line --hide= --hyperlink[=] --indicator-style= -i,--inode',
    ),
    ...reading(
      '-I,--ignore= -k,--kibibytes -l -L,--dereference -m -n,--numeric-uid-gid -N,--literal -o -p -q,--hide-control-chars',
    ),
    ...reading(
      '--show-control-chars -Q,--quote-name --quoting-style= -r,--reverse -R,--recursive -s,--size -S --sort= --time=',
    ),
    ...reading('--time-style= -t -T,--tabsize= -u -U -v -w,--width= -x -X -Z,--context --zero -1 --help --version'),
  ],
  harmless: true,
  files: (given) => (given.operands.length === 0 ? ['.'] : given.operands),
  walks: (given) => (isGiven(given, '-R') ? (isGiven(given, '-L') ? 'links' : 'tree') : undefined),
})
