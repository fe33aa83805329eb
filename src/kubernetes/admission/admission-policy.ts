import { defined } from '#core/util/defined'
import { peopleGroup } from '#src/kubernetes/api/impersonation-headers'
import type { AdmissionScope } from './admission-scope.ts'
import { list, messagePrefix, text, type Validation } from './cel.ts'
import { ephemeralRules, ephemeralVariables } from './ephemeral-rules.ts'
import { debugPodUpdateRule, otherRequestRules } from './other-request-rules.ts'
import { podRules, podVariables } from './pod-rules.ts'
import { runnerExecRules } from './runner-command-rules.ts'
import { scopeAnnotation, scopeText } from './stored-scope.ts'

/**
 * Returns admission policies and their bindings, with which the API server itself refuses what `retina.yaml` can never
 * allow: to the accounts of bot and workers, to the people for whom they act, and to all users in the debug pods'
 * namespace. They list what is allowed, down to each field of a pod: all else is refused.
 * Source: Kubernetes, "Validating Admission Policy".
 */
export function admissionPolicy(scope: AdmissionScope): object[] {
  const here = `request.namespace == ${text(scope.namespace)}`
  const ours = `${accountCondition(scope)} || ${here}`
  return [
    ...buildPolicy('retina-chatops', ours, {
      resourceRules: [buildRule(['CREATE'], ['pods'])],
      variables: podVariables,
      validations: podRules(scope),
      annotations: { [scopeAnnotation]: scopeText(scope) },
    }),
    ...buildPolicy('retina-chatops-containers', ours, {
      resourceRules: [buildRule(['UPDATE'], ['pods/ephemeralcontainers'])],
      variables: ephemeralVariables,
      validations: ephemeralRules(scope),
    }),
    ...buildPolicy('retina-chatops-exec', ours, {
      resourceRules: [buildRule(['CONNECT'], ['pods/exec', 'pods/attach', 'pods/portforward', 'pods/proxy'])],
      validations: runnerExecRules(scope),
    }),
    ...buildPolicy('retina-chatops-updates', here, {
      resourceRules: [buildRule(['UPDATE'], ['pods', 'pods/resize'])],
      validations: [debugPodUpdateRule()],
    }),
    ...buildPolicy('retina-chatops-requests', accountCondition(scope), {
      resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*/*'], scope: '*' }],
      validations: otherRequestRules(scope),
    }),
  ]
}

type PolicyParts = {
  resourceRules: readonly object[]
  variables?: readonly object[]
  validations: readonly Validation[]
  annotations?: Readonly<Record<string, string>>
}

function buildPolicy(
  name: string,
  condition: string,
  { resourceRules, validations, annotations, ...more }: PolicyParts,
): object[] {
  const admission = 'admissionregistration.k8s.io/v1'
  return [
    {
      apiVersion: admission,
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name, ...defined({ annotations }) },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: { resourceRules },
        matchConditions: [{ name: 'ours', expression: condition }],
        ...more,
        validations: validations.map((each) => ({ ...each, message: `${messagePrefix}${each.message}` })),
      },
    },
    {
      apiVersion: admission,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name },
      spec: { policyName: name, validationActions: ['Deny', 'Audit'] },
    },
  ]
}

function buildRule(operations: readonly string[], resources: readonly string[]) {
  return { apiGroups: [''], apiVersions: ['v1'], operations, resources, scope: 'Namespaced' }
}

/** Returns a condition that matches requests of the accounts, and of people for whom they act. */
function accountCondition({ accounts }: AdmissionScope): string {
  const isAccount = `request.userInfo.?username.orValue('') in ${list(accounts)}`
  return `${isAccount} || ${text(peopleGroup)} in request.userInfo.?groups.orValue([])`
}
