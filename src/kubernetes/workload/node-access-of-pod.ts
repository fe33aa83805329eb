import type { V1Container, V1EphemeralContainer, V1PodSpec } from '@kubernetes/client-node'
import { containedCapabilities, type PodAccess } from '#core/request/node-access-through-pod'

/** Returns what of its node a pod opens to a container that is added to it. */
export function podAccessOf(spec: Partial<V1PodSpec> | undefined): PodAccess {
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace, volumes = [] } = spec ?? {}
  const hostVolumes = new Set(volumes.flatMap(({ name, hostPath }) => (hostPath === undefined ? [] : [name])))
  const containers = [
    ...(spec?.containers ?? []),
    ...(spec?.initContainers ?? []),
    ...(spec?.ephemeralContainers ?? []),
  ].map((each) => ({ name: each.name, has: containerAccess(each, hostVolumes) }))
  return {
    namespaces: [
      ...(hostNetwork === true ? (['network'] as const) : []),
      ...(hostPID === true ? (['processes'] as const) : []),
      ...(hostIPC === true ? (['ipc'] as const) : []),
    ],
    sharesProcesses: shareProcessNamespace === true,
    containers: containers.filter(({ has }) => has.length > 0),
  }
}

function containerAccess(
  { securityContext, volumeMounts = [] }: V1Container | V1EphemeralContainer,
  hostVolumes: ReadonlySet<string>,
): ('privileged' | 'files')[] {
  const capabilities = (securityContext?.capabilities?.add ?? []).map((name) => name.toUpperCase().replace(/^CAP_/, ''))
  const isPrivileged =
    securityContext?.privileged === true || capabilities.some((name) => !containedCapabilities.includes(name))
  return [
    ...(isPrivileged ? (['privileged'] as const) : []),
    ...(volumeMounts.some(({ name }) => hostVolumes.has(name)) ? (['files'] as const) : []),
  ]
}
