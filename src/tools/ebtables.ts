import { firstOf, verbTool } from './kit/verb-tool.ts'

// Source: ebtables(8) 2.0 and ebtables-nft(8).
export const ebtables = verbTool(
  {
    name: 'ebtables',
    about: 'Which rules filter between bridge ports?',
    examples: ['ebtables -L', 'ebtables -t nat -L --Lc'],
  },
  (args) => {
    const known = [
      '-t',
      '-L',
      '--list',
      '--Ln',
      '--Lc',
      '--Lx',
      '--Lmac2',
      '-V',
      '--version',
      '-h',
      '--help',
      '--concurrent',
    ]
    const dashed = args.filter((arg) => arg.startsWith('-'))
    const lists = args.some((arg) => ['-L', '--list', '-V', '--version', '-h', '--help'].includes(arg))
    const file = firstOf(args, [
      '--atomic-file',
      '--atomic-save',
      '--atomic-init',
      '--atomic-commit',
      '-M',
      '--modprobe',
    ])
    return { reads: lists && dashed.every((arg) => known.includes(arg)), ...(file === undefined ? {} : { file }) }
  },
)
