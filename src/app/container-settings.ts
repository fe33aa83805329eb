import { defined } from '#core/util/defined'
import type { Config } from '#src/config/load'
import type { ContainerSettings } from '#src/kubernetes/workload/pod-spec'

/** Returns what the owner's file says of all containers. */
export function containerSettings({ shell }: Pick<Config, 'shell'>): ContainerSettings {
  const { pullPolicy, imagePullSecrets = [], priorityClassName, resources, labels, annotations } = shell
  return {
    ...{ pullPolicy, imagePullSecrets, labels, annotations },
    ...defined({ priorityClassName, resources }),
  }
}
