import type { Tool } from '#core/request/tool'
import { notInImage } from './kit/hints.ts'
import { tableNeeds, toReading } from './kit/make-reading.ts'
export const ps: Tool = {
  name: 'ps',
  about: 'Which processes are running?',
  examples: ['ps aux', 'ps -eo pid,ppid,user,args | grep kubelet'],
  hints: [notInImage],
  // Source: ps(1) of procps-ng 4. No option in any of its three syntaxes changes or writes anything.
  read: (argv, on) => toReading(argv, { needs: tableNeeds('read', on) }),
}
