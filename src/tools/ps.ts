import type { Tool } from '#core/request/tool'
import { type Arguments, isGiven, readArguments, reading, valuesOf } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { tableNeeds, toReading } from './kit/reading-and-needs.ts'

// Source: ps(1) and src/ps/parser.c of procps-ng 4. No option in any of its three syntaxes changes or writes anything.
const options = [
  ...reading('-A -a -c -d -e -F -f -H -j -L -l -M -m -N -P -T -V,--version -w -y -Z --deselect --forest --context'),
  ...reading('-C= -G,--Group= -g,--group= -O= -o,--format= -p,--pid= --ppid= -q,--quick-pid= -s,--sid= -t,--tty='),
  ...reading(
    '-u,--user= -U,--User= --cols,--columns,--width= --rows,--lines= --sort= --headers --no-headers --help[=]',
  ),
  ...reading('-n= --cumulative --info --signames --date-format='),
]

/** Letters of the BSD syntax, which takes no dash, that are followed by a value. */
const valuedLetters = 'OopqtUkN'

export const ps: Tool = {
  name: 'ps',
  about: 'Which processes are running?',
  examples: ['ps aux', 'ps -eo pid,ppid,user,args | grep kubelet'],
  hints: [notInImage],
  read: (argv, on) => {
    const special = showsEnvironment(readArguments(argv.slice(1), options, { sureOfValues: true }), argv)
      ? [{ name: 'ps e', why: 'it shows the environment of processes, where secrets often are' }]
      : []
    return toReading(argv, { needs: tableNeeds('read', on), special })
  },
}

/** Returns true for the BSD option `e`, and for the column of that content. */
function showsEnvironment(given: Arguments, argv: readonly string[]): boolean {
  const letters = lettersOf(given.operands)
  const dashed = argv.filter((arg) => /^-[A-Za-z]/.test(arg)).map((arg) => arg.slice(1))
  const columns = argv.slice(1).some((arg) => /(^|[^a-z])-?[oO]?environ/i.test(arg))
  return columns || letters.includes('e') || (isReadAgain(given) && lettersOf(dashed).includes('e'))
}

/** Returns the letters of words in BSD syntax; after a letter with a value, the rest of its word or the next is that. */
function lettersOf(words: readonly string[]): string {
  let letters = ''
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? ''
    if (!/^[A-Za-z]/.test(word)) continue
    const valued = [...word].findIndex((letter) => valuedLetters.includes(letter))
    letters += valued === -1 ? word : word.slice(0, valued)
    if (valued === word.length - 1) at += 1
  }
  return letters
}

/**
 * Returns true where ps may fail to parse the options with a dash, as for `-aux`: it then parses all arguments again, in
 * BSD syntax, where `e` shows the environment.
 */
function isReadAgain(given: Arguments): boolean {
  const names = ['-u', '-U', '-g', '-G', '-p', '-q', '-s', '-t', '--ppid']
  const values = names.flatMap((name) => valuesOf(given, name))
  return given.unknown.length > 0 || values.some((value) => !/^(root|[\d, ]+)$/.test(value)) || isGiven(given, '-n')
}
