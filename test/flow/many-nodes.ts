import type { NodeInfo } from '#core/request/target'

/** Returns 30 nodes, `many001` and so on, with the same label. */
export function manyNodes(): NodeInfo[] {
  return Array.from({ length: 30 }, (_none, at) => {
    const name = `many${String(at + 1).padStart(3, '0')}`
    return { uid: `uid-${name}`, name, status: 'Ready', os: 'linux', version: 'v1.36.0', labels: { pool: 'many' } }
  })
}
