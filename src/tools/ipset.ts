import { firstOf, verbTool } from './kit/verb-tool.ts'

// Source: ipset(8) 7.17.
export const ipset = verbTool(
  {
    name: 'ipset',
    about: 'Which sets of addresses does the packet filter use?',
    examples: ['ipset list -n', 'ipset list'],
  },
  (args) => {
    const plainOptions = [
      '-n',
      '-name',
      '-t',
      '-terse',
      '-s',
      '-sorted',
      '-r',
      '-resolve',
      '-o',
      '-output',
      '-q',
      '-quiet',
    ]
    const [verb = '', ...rest] = args.filter(
      (arg) => !plainOptions.includes(arg) && !['plain', 'save', 'xml', 'json'].includes(arg),
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
    const saves = args[0] === 'save' || args[0] === '-S'
    const known = [verb, ...rest].every((arg) => verbs.includes(arg) || !arg.startsWith('-'))
    const file = firstOf(args, ['-f', '-file', '--file'])
    return { reads: (saves || verbs.includes(verb)) && known, ...(file === undefined ? {} : { file: '-file' }) }
  },
)
