import type { Needs } from '#core/request/tool'

/** Returns needs as text: "NET_ADMIN, NET_RAW; host file system read-only; host PIDs; reads only". */
export function formatNeeds(needs: Needs): string {
  const parts = [
    needs.capabilities.length === 0 ? 'no capability' : needs.capabilities.join(', '),
    ...(needs.host.filesystem === 'none' ? [] : [`host file system ${needs.host.filesystem}`]),
    ...(needs.host.pid ? ['host PIDs'] : []),
    ...(needs.confinement.apparmor === 'unconfined' ? ['AppArmor off'] : []),
    ...(needs.confinement.seccomp === 'unconfined' ? ['seccomp off'] : []),
    needs.effect === 'write' ? 'may change the target' : 'reads only',
  ]
  return parts.join('; ')
}
