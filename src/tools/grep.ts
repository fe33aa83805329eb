import type { Tool } from '#core/request/tool'
import { type Arguments, isGiven, reading, special, valuesOf } from './kit/arguments.ts'
import { type FilterSpec, toFilter } from './kit/filters.ts'

const readsFile = 'reads a file'

const spec: FilterSpec = {
  name: 'grep',
  about: 'Prints the lines that match.',
  examples: [
    'iptables -S | grep -i drop',
    "iptables -S | grep -e '--dport 443'",
    'grep nameserver /host/etc/resolv.conf',
  ],
  // Source: grep(1) of GNU grep 3.11.
  options: [
    ...reading('-V,--version --help -E,--extended-regexp -F,--fixed-strings -G,--basic-regexp -P,--perl-regexp'),
    ...reading('-e,--regexp= -i,--ignore-case -y --no-ignore-case -v,--invert-match -w,--word-regexp -x,--line-regexp'),
    ...reading('-c,--count --color[=] --colour[=] -L,--files-without-match -l,--files-with-matches -m,--max-count='),
    ...reading('-o,--only-matching -q,--quiet,--silent -s,--no-messages -b,--byte-offset -H,--with-filename'),
    ...reading('-h,--no-filename --label= -n,--line-number -T,--initial-tab -Z,--null -A,--after-context='),
    ...reading('-B,--before-context= -C,--context= --group-separator= --no-group-separator -a,--text --binary-files='),
    ...reading('-D,--devices= -d,--directories= --exclude= --exclude-dir= -I --include= -r,--recursive'),
    ...reading('-R,--dereference-recursive --line-buffered -U,--binary -z,--null-data -u,--unix-byte-offsets'),
    ...special(readsFile, '-f,--file= --exclude-from='),
  ],
  dialect: { numbers: true },
  harmless: true,
  files: (given) => {
    const files = isGiven(given, '-e', '-f') ? given.operands : given.operands.slice(1)
    return files.length === 0 && isRecursive(given) ? ['.'] : files
  },
  walks: (given) => (isGiven(given, '-R') ? 'links' : isRecursive(given) ? 'tree' : undefined),
}

function isRecursive(given: Arguments): boolean {
  return isGiven(given, '-r', '-R') || valuesOf(given, '-d').some((action) => action.startsWith('r'))
}

export const grep: Tool = toFilter(spec)
