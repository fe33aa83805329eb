import type { CapabilitySet } from '#core/policy/policy'
import { canonicalJson } from '#core/util/canonical-json'
import type { AdmissionScope } from './admission-scope.ts'
import { maxSessionOf } from './runner-command-rules.ts'
import { scopeText } from './stored-scope.ts'

/** In what a policy in force differs from the one that `retina.yaml` gives; each entry is a phrase. */
export type ScopeDifference = {
  /** What the policy in force allows and the file doesn't. */
  wider: readonly string[]
  /** What the file allows and the policy in force refuses. */
  narrower: readonly string[]
  /** Settings that differ, by their keys in the file. */
  settings: readonly string[]
}

/** Compares the scope of the policies in force with the one that the file gives. */
export function compareScopes(inForce: AdmissionScope, own: AdmissionScope): ScopeDifference {
  const [there, here] = [inForce, own].map((scope) => JSON.parse(scopeText(scope)) as Record<string, unknown>)
  const isSame = (key: string) => canonicalJson(there?.[key] ?? null) === canonicalJson(here?.[key] ?? null)
  return {
    wider: excess(inForce.policy.sets, own.policy.sets).map(({ name, what }) => `"${name}" there also gives ${what}`),
    narrower: excess(own.policy.sets, inForce.policy.sets).map(({ name, what }) => `"${name}" there lacks ${what}`),
    settings: Object.entries(settingKeys).flatMap(([key, label]) => (isSame(key) ? [] : [label])),
  }
}

/** Keys of `retina.yaml` by the parts of a scope. */
const settingKeys = {
  image: 'shell.image',
  namespace: 'shell.namespace',
  masked: 'shell.masked',
  containers: 'settings of containers in shell',
  uidRange: 'shell.uidRange',
  maxOutputBytes: 'shell.maxOutputBytes',
  stays: 'shell.keep and shell.keepInPods',
} satisfies Partial<Record<keyof AdmissionScope, string>>

/** Returns the sets of `one` that no set of `other` covers, and what they have beyond the set of the same name. */
function excess(one: readonly CapabilitySet[], other: readonly CapabilitySet[]): { name: string; what: string }[] {
  return one.flatMap((set) => {
    if (other.some((each) => beyond(set, each).length === 0)) return []
    const namesake = other.find(({ name }) => name === set.name)
    return { name: set.name, what: namesake === undefined ? 'all that it has' : beyond(set, namesake).join(', ') }
  })
}

const filesystems = ['none', 'read-only', 'read-write']

/** Returns what a set has that another one doesn't have. */
function beyond(set: CapabilitySet, other: CapabilitySet): string[] {
  const without = (mine: readonly string[], theirs: readonly string[]) => mine.filter((each) => !theirs.includes(each))
  const writes = filesystems.indexOf(set.host.filesystem) > filesystems.indexOf(other.host.filesystem)
  return [
    ...(other.capabilities.includes('ALL')
      ? without(set.capabilities, other.capabilities).filter((each) => each === 'SYS_ADMIN')
      : without(set.capabilities, other.capabilities)),
    ...(writes ? [`the node's disk ${set.host.filesystem}`] : []),
    ...(set.host.pid && !other.host.pid ? ["the node's processes"] : []),
    ...without(set.unconfined, other.unconfined).map((each) => `${each} unconfined`),
    ...without(set.images, other.images).map((each) => `the image ${each}`),
    ...(set.maxDeadline > other.maxDeadline ? [`deadlines up to ${set.maxDeadline} s`] : []),
    ...(maxSessionOf([set]) > maxSessionOf([other]) ? [`shells for up to ${maxSessionOf([set])} s`] : []),
  ]
}
