import type { Policy } from '#core/policy/policy'
import { defaultUidRange, type UidRange } from '#core/runs/uid-range'
import type { SessionLifetime } from '#core/sessions/session'
import type { ContainerSettings } from '#src/kubernetes/workload/pod-spec'

/** What a policy can ever allow, and the accounts and the namespace for which Kubernetes enforces it. */
export type AdmissionScope = {
  policy: Policy
  /** `repo:version`, or `repo@sha256:…`. */
  image: string
  namespace: string
  /** Folders that a read-only mount has to hide. */
  masked: readonly string[]
  containers: ContainerSettings
  /** User ids of containers that don't run as root; left out, the default range. */
  uidRange?: UidRange
  /** Maximum of bytes of a run's output. */
  maxOutputBytes: number
  /**
   * Seconds for which reused containers may be idle, and exist in addition to a deadline; left out where none is
   * reused.
   */
  stays?: SessionLifetime
  /** User names of the accounts of bot and workers. */
  accounts: readonly string[]
}

/** Returns a condition on the CEL of a number: a user id that containers get. */
export function isContainerUser(id: string, { uidRange = defaultUidRange }: Pick<AdmissionScope, 'uidRange'>): string {
  const { first, size } = uidRange
  return `${id} >= ${first} && ${id} < ${first + size}`
}
