import { noNeeds, type Tool } from '#core/request/tool'
import { notInImage } from './hints.ts'
import { toReading } from './reading.ts'

/** What `ipset`, `ebtables` and `conntrack` have in common: verbs of which few only read. */
export function verbTool(
  tool: Pick<Tool, 'name' | 'about' | 'examples' | 'insight'>,
  judge: (words: readonly string[]) => { reads: boolean; file?: string },
): Tool {
  return {
    ...tool,
    hints: [
      {
        pattern: 'Operation not permitted|must be root|Permission denied',
        hint: `${tool.name} needs \`-c NET_ADMIN,NET_RAW\`, or leave -c, -m, -w and --host-pid all out, and what it needs is worked out.`,
      },
      notInImage,
    ],
    read: (argv) => {
      const { reads, file } = judge(argv.slice(1))
      const capabilities = ['NET_ADMIN', 'NET_RAW'] as const
      return toReading(argv, {
        needs: { ...noNeeds, capabilities, effect: reads ? 'read' : 'write', user: 'root' },
        special:
          file === undefined
            ? []
            : [{ name: `${tool.name} ${file}`, why: 'it reads or writes a file, or runs a program' }],
      })
    },
  }
}

export const firstOf = (words: readonly string[], names: readonly string[]) =>
  names.find((name) => words.some((word) => word === name || (name.startsWith('--') && word.startsWith(`${name}=`))))
