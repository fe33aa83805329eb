import type { V1ContainerStatus } from '@kubernetes/client-node'

/** Returns the status of a container that was never restarted, with changes. */
export const containerStatus = (name: string, more: Partial<V1ContainerStatus> = {}): V1ContainerStatus => ({
  ...{ name, image: 'x', imageID: '', ready: false, restartCount: 0 },
  ...more,
})
