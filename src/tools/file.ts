import { isOwnFile } from '#core/request/is-file-of-target'
import type { Reading, Tool } from '#core/request/tool'
import { shellQuote } from '#core/util/quote'
import { changing, checkArguments, readArguments, reading, special, specialChange } from './kit/arguments.ts'
import { specialValues } from './kit/filters.ts'
import { brokenLink, notInImage } from './kit/hints.ts'
import { plainNeeds, refuse, toReading } from './kit/reading-and-needs.ts'

// Source: file(1) 5.44, and its table of options, file_opts.h.
const options = [
  ...reading('--help -v,--version -b,--brief -c,--checking-printout -e,--exclude= --exclude-quiet= -F,--separator='),
  ...reading('-i,--mime --apple --extension --mime-type --mime-encoding -k,--keep-going -l,--list -L,--dereference'),
  ...reading('-h,--no-dereference -n,--no-buffer -N,--no-pad -0,--print0 -P,--parameter= -r,--raw -d,--debug'),
  ...reading('-E -S,--no-sandbox'),
  ...changing('-p,--preserve-date'),
  ...special('reads devices', '-s,--special-files'),
  ...special('runs programs that unpack', '-z,--uncompress -Z,--uncompress-noreport'),
  ...special('reads a file', '-m,--magic-file= -f,--files-from='),
  ...specialChange('writes a file', '-C,--compile'),
]

export const file: Tool = {
  name: 'file',
  about: 'What kind of file is that?',
  examples: ['file /host/usr/bin/kubelet', 'cat /etc/os-release | file -'],
  hints: [brokenLink, notInImage],
  read: (argv, on): Reading => {
    const given = readArguments(argv.slice(1), options)
    const checked = checkArguments('file', given)
    const files = given.operands.filter((operand) => operand !== '-')
    const filter = files.length === 0 && checked.effect === 'read' && checked.special.length === 0
    if (filter) return toReading(argv, { filter, opens: [], discloses: false })
    const [own] = on === 'node' ? files.filter((path) => path.startsWith('/') && isOwnFile(path)) : []
    if (own !== undefined) {
      const instead = `Look at it where the node's disk is mounted: \`file ${shellQuote(`/host${own}`)}\`.`
      return refuse(argv, `${own} is the node's file, and few nodes have the tool file.`, instead)
    }
    return toReading(argv, {
      needs: plainNeeds(checked.effect),
      special: checked.special,
      opens: [...files, ...specialValues(given)],
    })
  },
}
