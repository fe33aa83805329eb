import { noNeeds, type Tool } from '#core/request/tool'
import { notInImage } from './hints.ts'
import { toReading } from './make-reading.ts'

/**
 * Creates a tool that is controlled by verbs, few of which are read-only: `ipset`, `ebtables` or `conntrack`. `judge`
 * gets the arguments without the tool's name; its `file` names the option that uses a file or runs a program.
 */
export function verbTool(
  tool: Pick<Tool, 'name' | 'about' | 'examples' | 'insight'>,
  judge: (args: readonly string[]) => { reads: boolean; file?: string },
): Tool {
  return {
    ...tool,
    hints: [
      {
        pattern: 'Operation not permitted|must be root|Permission denied',
        hint: `${tool.name} needs \`-c NET_ADMIN,NET_RAW\`, or leave out -c, -m, -w and --host-pid, and the bot adds what it needs.`,
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

export const firstOf = (args: readonly string[], names: readonly string[]) =>
  names.find((name) => args.some((arg) => arg === name || (name.startsWith('--') && arg.startsWith(`${name}=`))))
