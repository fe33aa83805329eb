import type { CapabilitySet } from '#core/policy/policy'
import { getValue, parseJson } from '#core/util/json'
import type { AdmissionScope } from './admission-scope.ts'

/** Annotation of the first policy with the scope that all of them were made from, as JSON. */
export const scopeAnnotation = 'retina-chatops.io/made-from'

/** Returns the text of a scope, with what its policies depend on and nothing else. */
export function scopeText({ policy, ...scope }: AdmissionScope): string {
  return JSON.stringify({ ...scope, policy: { sets: policy.sets.map(setOf), grants: [] } })
}

/** Settings of a set's shells that the API server doesn't know of. */
const noRecording = { idle: 0, recordInput: 'none', maxRecording: 0, retention: 0 } as const

function setOf({ name, images, capabilities, host, unconfined, maxDeadline, terminal }: CapabilitySet): CapabilitySet {
  return {
    ...{ name, images, capabilities, host, unconfined, maxDeadline },
    ...{ tools: [], effect: 'read', deny: [] },
    ...(terminal === undefined ? {} : { terminal: { ...noRecording, maxSession: terminal.maxSession } }),
  }
}

/** Parses the text of a scope; undefined for any other text. */
export function parseScope(text: string | undefined): AdmissionScope | undefined {
  const scope = parseJson(text ?? '')
  const isScope = Array.isArray(getValue(scope, 'policy', 'sets')) && Array.isArray(getValue(scope, 'accounts'))
  return isScope ? (scope as AdmissionScope) : undefined
}
