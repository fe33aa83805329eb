import { managedBy } from '#core/runs/debug-spec'
import type { AdmissionScope } from './admission-scope.ts'
import { list, text, type Validation } from './cel.ts'

/**
 * Returns the rules for all requests of the accounts that change something, or connect: those that the program makes,
 * and no others, whatever rights the accounts have or get.
 */
export function otherRequestRules({ namespace }: AdmissionScope): Validation[] {
  const at = (resource: string, subresource: string) =>
    `request.resource.group == '' && request.resource.resource == ${text(resource)} && request.?subResource.orValue('') == ${text(subresource)}`
  const here = `request.?namespace.orValue('') == ${text(namespace)}`
  const ownPod = `oldObject != null && oldObject.metadata.name.startsWith('retina-') && oldObject.metadata.?labels['app.kubernetes.io/managed-by'].orValue('') == ${text(managedBy)}`
  const allowed = [
    `request.operation == 'CREATE' && ${at('pods', '')} && ${here}`,
    `request.operation == 'DELETE' && ${at('pods', '')} && ${here} && ${ownPod}`,
    `request.operation == 'UPDATE' && ${at('pods', 'ephemeralcontainers')}`,
    `request.operation == 'CONNECT' && ${at('pods', 'exec')}`,
    // Questions, which change nothing.
    `request.operation == 'CREATE' && request.resource.group in ${list(['authorization.k8s.io', 'authentication.k8s.io'])} && request.resource.resource.endsWith('reviews')`,
  ]
  return [
    {
      expression: allowed.map((each) => `(${each})`).join(' || '),
      message: 'the accounts of bot and workers make debug pods and containers of runs, and nothing else',
    },
  ]
}

/** Returns the rule for updates of pods in the debug pods' namespace, of all accounts. */
export function debugPodUpdateRule(): Validation {
  return { expression: 'object.spec == oldObject.spec', message: 'a debug pod is not changed' }
}
