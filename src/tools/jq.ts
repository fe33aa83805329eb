import { isOwnFile } from '#core/request/is-file-of-target'
import type { Reading, Tool } from '#core/request/tool'
import { shellQuote } from '#core/util/quote'
import { checkArguments, readArguments, reading, special } from './kit/arguments.ts'
import { specialValues } from './kit/filters.ts'
import { notInImage } from './kit/hints.ts'
import { plainNeeds, refuse, toReading } from './kit/reading-and-needs.ts'

// Source: jq(1) 1.8.
const options = [
  ...reading('-n,--null-input -R,--raw-input -s,--slurp -c,--compact-output -r,--raw-output --raw-output0'),
  ...reading('-j,--join-output -a,--ascii-output -S,--sort-keys -C,--color-output -M,--monochrome-output --tab'),
  ...reading(
    '--indent= --unbuffered --stream --stream-errors --seq -e,--exit-status -b,--binary -h,--help -V,--version',
  ),
  ...reading('--build-configuration --arg== --argjson== --args --jsonargs'),
  ...special('reads a program from a file', '-f,--from-file='),
  ...special('reads a file', '--rawfile== --slurpfile== --argfile=='),
  ...special('reads modules from that folder', '-L,--library-path='),
  ...special('runs its own tests from a file', '--run-tests'),
]

export const jq: Tool = {
  name: 'jq',
  about: 'Picks values out of JSON.',
  examples: ["nft -j list ruleset | jq -c '.nftables[0]'", 'curl -sk https://10.0.0.1 | jq .message'],
  hints: [
    {
      pattern: '^jq: error.{0,100}(parse|Invalid)',
      hint: 'Its input is not JSON: run the command without `| jq` first.',
    },
    notInImage,
  ],
  printsFiles: true,
  read: (argv, on): Reading => {
    const given = readArguments(argv.slice(1), options, { sureOfValues: true })
    const checked = checkArguments('jq', given)
    // Operands after `--args` aren't files, but those before it are; all count as files.
    const [program = '', ...files] = given.operands
    // A jq program can read files only through these keywords.
    const imports = /\b(import|include|modulemeta)\b/.test(program)
      ? [...checked.special, { name: 'jq import', why: 'it reads a file' }]
      : checked.special
    const filter = files.length === 0 && checked.effect === 'read' && imports.length === 0
    if (filter) return toReading(argv, { filter, opens: [], discloses: false })
    // A program that imports names its files itself.
    const opens = [...files, ...specialValues(given), ...(imports.length > checked.special.length ? [program] : [])]
    const [own] = on === 'node' ? files.filter((file) => file.startsWith('/') && isOwnFile(file)) : []
    if (own !== undefined) {
      const instead = `Let the node's cat read it: \`cat ${shellQuote(own)} | jq ${shellQuote(program)}\`.`
      return refuse(argv, `${own} is the node's file, and few nodes have a jq.`, instead)
    }
    return toReading(argv, { needs: plainNeeds(checked.effect), special: imports, opens })
  },
}
