import { findGap } from '#core/policy/find-gap'
import type { CapabilitySet } from '#core/policy/policy'
import { capabilityNames } from '#core/request/capability'
import { parse } from '#src/command/parse'
import { type Plan, plan } from '#src/command/plan'
import { catalogue } from '#src/tools/index'
import type { ArgumentCase } from './argument-case.ts'

const base = {
  tools: ['*'],
  capabilities: capabilityNames,
  unconfined: [],
  images: [],
  maxDeadline: 300,
  deny: [],
} satisfies Partial<CapabilitySet>

/** Everything that a set for reading can give without naming an argument. */
export const reader: CapabilitySet = {
  ...base,
  name: 'reader',
  host: { filesystem: 'read-only', pid: true },
  effect: 'read',
}

/** Everything that a set can give without naming an argument. */
export const changer: CapabilitySet = {
  ...base,
  name: 'changer',
  host: { filesystem: 'read-write', pid: true },
  effect: 'write',
}

const target = { node: 'node001', pod: '-n shop --container app pod/web-1' }

/** Plans a line; a text is the reason why it is refused for everyone. */
export function planLine(line: string, on: ArgumentCase['on'], flags = ''): Plan | string {
  const command = parse({ text: `shell ${flags} ${target[on]} -- ${line}` }, catalogue)
  if (command.verb !== 'shell') return JSON.stringify(command)
  const planned = plan(command, catalogue, { repo: 'a.io/shell', version: 'v1' })
  return 'verb' in planned ? planned.message : planned
}

/** Decides a line as `ArgumentCase.expect` has it. */
export function judgeLine({ line, on }: Pick<ArgumentCase, 'line' | 'on'>): ArgumentCase['expect'] {
  const planned = planLine(line, on)
  if (typeof planned === 'string') return 'named'
  if (findGap(planned, reader) === undefined) return 'allow'
  return findGap(planned, changer) === undefined ? 'deny' : 'named'
}
