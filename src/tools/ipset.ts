import { firstOf, verbTool } from './kit/verb-tool.ts'

// Source: ipset(8) 7.17.
export const ipset = verbTool(
  {
    name: 'ipset',
    about: 'Which sets of addresses does the packet filter use?',
    examples: ['ipset list -n', 'ipset list'],
  },
  (words) => {
    const plain = ['-n', '-name', '-t', '-terse', '-s', '-sorted', '-r', '-resolve', '-o', '-output', '-q', '-quiet']
    const [verb = '', ...rest] = words.filter(
      (word) => !plain.includes(word) && !['plain', 'save', 'xml', 'json'].includes(word),
    )
    const verbs = [
      'list',
      '-L',
      '--list',
      'version',
      '-v',
      '--version',
      '-V',
      'help',
      '-h',
      '--help',
      'test',
      '-T',
      '--test',
    ]
    const saves = words[0] === 'save' || words[0] === '-S'
    const known = [verb, ...rest].every((word) => verbs.includes(word) || !word.startsWith('-'))
    const file = firstOf(words, ['-f', '-file', '--file'])
    return { reads: (saves || verbs.includes(verb)) && known, ...(file === undefined ? {} : { file: '-file' }) }
  },
)
