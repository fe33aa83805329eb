import type { NamedReader } from './generic.ts'

/** Units without which a node can't serve pods. */
const needed =
  /^(?:kubelet|containerd|crio|cri-o|docker|chronyd|chrony|systemd-timesyncd|systemd-resolved|systemd-networkd|NetworkManager)\.service$/

/** Reads `systemctl list-units --state=failed`: failed units, and those of them that a node needs. */
export const readFailedUnits: NamedReader = ([output]) => {
  const failed = output?.measures?.['failed']
  if (typeof failed !== 'object') return undefined
  return { failed, needed: failed.filter((unit) => needed.test(unit)), count: failed.length }
}
