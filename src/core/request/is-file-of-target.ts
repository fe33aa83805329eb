/** Folders that a container shares with its node or pod, and the node's disk as it is mounted. */
const shared = /^\/(?:host|proc|sys|dev)(?:\/|$)/

/** Returns true for a path on the node's disk as it is mounted. */
export const isUnderHost = (path: string) => /^\/+host(?:\/|$)/.test(path)

/** Returns true for a path to files of the target itself; the working folder is the root. */
export function isOwnFile(path: string): boolean {
  if (path === '.') return true
  const plain = path.replaceAll(/\/+/g, '/')
  const leaves = plain.split('/').includes('..')
  return plain.startsWith('/') && !isUnderHost(plain) && (leaves || !shared.test(plain))
}
