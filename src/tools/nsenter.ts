import type { Tool } from '#core/request/tool'
import { refuse } from './kit/reading-and-needs.ts'

/** nsenter is in the catalogue only so that it is refused with an explanation of the alternatives. */
export const nsenter: Tool = {
  name: 'nsenter',
  about: 'Not available here: name the target itself.',
  examples: [],
  hints: [],
  read: (argv) =>
    refuse(
      argv,
      'nsenter enters namespaces of other processes, which takes full access to the node.',
      "For a pod's network name the pod: `shell -n NS pod/NAME …`. For the node's programs: `chroot /host TOOL …`.",
    ),
}
