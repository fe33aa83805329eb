import { firstOf, verbTool } from './kit/verb-tool.ts'

// Source: ebtables(8) 2.0 and ebtables-nft(8).
export const ebtables = verbTool(
  {
    name: 'ebtables',
    about: 'Which rules filter between bridge ports?',
    examples: ['ebtables -L', 'ebtables -t nat -L --Lc'],
  },
  (words) => {
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
    const dashed = words.filter((word) => word.startsWith('-'))
    const lists = words.some((word) => ['-L', '--list', '-V', '--version', '-h', '--help'].includes(word))
    const file = firstOf(words, [
      '--atomic-file',
      '--atomic-save',
      '--atomic-init',
      '--atomic-commit',
      '-M',
      '--modprobe',
    ])
    return { reads: lists && dashed.every((word) => known.includes(word)), ...(file === undefined ? {} : { file }) }
  },
)
