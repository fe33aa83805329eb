import type { ToolRequest } from '#core/request/request'
import type { DebugSpec } from '#core/runs/debug-spec'
import { shellPowersOf, shellPowerText } from '#core/terminal/shell-powers'
import { capabilityTexts } from './capability-texts.ts'
import { specialArguments } from './powers-beyond-approval.ts'

/**
 * Returns in plain words what a run may do beyond its own container, each completing "it can". Derived from what would
 * run, never from a text that somebody wrote; the most powerful first.
 */
export function powerTexts(
  { needs, facts, pipeline, terminal }: Pick<ToolRequest, 'needs' | 'facts' | 'pipeline' | 'terminal'>,
  spec: DebugSpec,
): string[] {
  const { target, node } = spec
  const shell = terminal === undefined ? [] : shellTexts({ target, facts, needs }, node)
  return [
    ...shell,
    ...diskTexts(spec),
    ...(spec.host.pid ? [`see all processes of ${node}${spec.user === 'root' ? ", and signal root's" : ''}`] : []),
    ...spec.capabilities.map((each) => `${capabilityTexts[each]} (${each})`),
    ...(facts.opens ?? []).map((each) => `${openTexts[each]} of ${node}, which the pod opens`),
    ...(spec.confinement.apparmor === 'unconfined' ? ['run without AppArmor'] : []),
    ...(spec.confinement.seccomp === 'unconfined' ? ['use all system calls (no seccomp)'] : []),
    ...effectTexts(needs, terminal),
    ...(pipeline.some(({ known }) => !known) ? ['do what nobody knows: a program is not in the catalogue'] : []),
    target.kind === 'node' ? `use the network of ${node}` : `use the network of pod ${target.name}`,
    ...(spec.user === 'root' ? ['run as root in its container'] : []),
  ]
}

/** Returns what a shell can do, whatever is typed in it. */
function shellTexts(shell: Parameters<typeof shellPowersOf>[0], node: string): string[] {
  const powers = shellPowersOf(shell, { deny: [] }).map((power) => shellPowerText(power, shell, node))
  return [...powers, 'run every program that its container has, by command lines that nobody judges']
}

function effectTexts({ effect }: ToolRequest['needs'], terminal: ToolRequest['terminal']): string[] {
  if (terminal !== undefined) return effect === 'write' ? ['change the target'] : []
  return [effect === 'write' ? 'change the target' : 'change nothing, as far as its arguments tell']
}

const openTexts = {
  network: 'use the network',
  processes: 'see the processes',
  ipc: 'use the shared memory',
  privileged: 'reach a privileged container, and so all',
  files: 'reach folders',
} satisfies Record<NonNullable<ToolRequest['facts']['opens']>[number], string>

/**
 * Returns what a mount of the node's disk amounts to. A read-only one is root on the node too, where sockets of the
 * container runtime aren't hidden (microsoft/retina#2705).
 */
function diskTexts({ host, masked, node }: DebugSpec): string[] {
  switch (host.filesystem) {
    case 'none':
      return []
    case 'read-write':
      return [`write to every file on ${node} (that makes it root of ${node})`]
    case 'read-only':
      return [
        `read every file on ${node}, secrets too`,
        ...(masked.length === 0 ? [`reach the container runtime's socket (that makes it root of ${node})`] : []),
      ]
  }
}

/** Special arguments with what they do, one text each. The reasons are those of the tools' own files. */
export function specialTexts(request: Pick<ToolRequest, 'pipeline'>): string[] {
  return [...new Map(specialArguments(request).map(({ name, why }) => [name, `${name}: ${why}`])).values()]
}
