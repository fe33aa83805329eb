import type { DestinationRule } from '#core/request/match-destination'
import { containedCapabilities, usedNodeAccess } from '#core/request/node-access-through-pod'
import type { Target, TargetFacts } from '#core/request/target'
import type { Needs } from '#core/request/tool'
import type { TerminalRule } from './terminal-limits.ts'

/**
 * What a shell can do beyond its own container, so that it counts as that. Its command lines can't be judged: the container is the policy.
 * `root`: become root on the node. `network`: change the network of its node or pod. `denied`: reach destinations that the set denies.
 */
export type ShellPower = 'root' | 'network' | 'denied'

type Shell = { target: Target; facts: Pick<TargetFacts, 'opens'>; needs: Needs }
type ShellSet = { deny: readonly DestinationRule[]; terminal?: TerminalRule }

/** Capabilities with which a shell reaches other containers of its node; further ones are known only to later kernels. */
function isRootCapability(name: string): boolean {
  return name === 'SYS_PTRACE' || !containedCapabilities.includes(name)
}

/** Returns true where a shell can become root on the node that it runs on. */
function canBecomeRoot({ target, facts, needs }: Shell): boolean {
  const { host, user, capabilities } = needs
  const opened = target.kind === 'node' ? [] : usedNodeAccess(needs, facts.opens)
  return (
    host.filesystem !== 'none' ||
    (host.pid && user === 'root') ||
    capabilities.some(isRootCapability) ||
    opened.includes('privileged') ||
    opened.includes('files')
  )
}

/** Returns what a shell with these needs counts as, by the set that gives it. */
export function shellPowersOf(shell: Shell, { deny, terminal }: ShellSet): ShellPower[] {
  const { target, facts, needs } = shell
  const onNodesNetwork = target.kind === 'node' || (facts.opens ?? []).includes('network')
  return [
    ...(canBecomeRoot(shell) ? ['root' as const] : []),
    ...(needs.capabilities.some((each) => each === 'NET_ADMIN' || each === 'ALL') ? ['network' as const] : []),
    ...(deny.length > 0 && onNodesNetwork && terminal?.denyUnenforced !== true ? ['denied' as const] : []),
  ]
}

/** Returns a power in plain words, completing "it can". `node`: the node's name. */
export function shellPowerText(power: ShellPower, { target }: Pick<Shell, 'target'>, node: string): string {
  switch (power) {
    case 'root':
      return `become root on ${node}: it can start systemd units, read every secret there and end any process`
    case 'network':
      return target.kind === 'node'
        ? `change the network of ${node}: it can flush firewall rules and routes, and cut the node off`
        : `change the network of pod ${target.name}: it can flush its firewall rules and routes`
    case 'denied':
      return `reach what the policy denies to tools, such as the metadata service and every loopback port of ${node}`
  }
}
