import { noNeeds, type Tool } from '#core/request/tool'
import type { Checked } from './arguments.ts'
import { notInImage, workedOut } from './hints.ts'
import { toReading } from './reading-and-needs.ts'

/** Why an option of these tools needs its own grant; completes "it …". */
export const usesFile = 'reads or writes a file, or runs a program'

/**
 * Creates a tool that shows and changes the packet filter: `ipset`, `ebtables` or `conntrack`. `judge` gets the
 * arguments without the tool's name.
 */
export function verbTool(
  tool: Pick<Tool, 'name' | 'about' | 'examples' | 'insight' | 'measure'>,
  judge: (args: readonly string[]) => Checked,
): Tool {
  return {
    ...tool,
    hints: [
      {
        pattern: 'Operation not permitted|must be root|Permission denied',
        hint: `${tool.name} needs \`-c NET_ADMIN,NET_RAW\`, ${workedOut}.`,
      },
      notInImage,
    ],
    read: (argv) => {
      const { effect, special } = judge(argv.slice(1))
      const capabilities = ['NET_ADMIN', 'NET_RAW'] as const
      return toReading(argv, { needs: { ...noNeeds, capabilities, effect, user: 'root' }, special })
    },
  }
}
