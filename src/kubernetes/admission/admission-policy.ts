import { peopleGroup } from '#src/kubernetes/api/impersonation-headers'
import { type AdmissionScope, containerRules, list, podRules, text, type Validation } from './container-rules.ts'
import { runnerCommandRule, runnerExecRule } from './runner-command-rules.ts'

/** CEL variables of the expressions below. */
const variables = [
  { name: 'isPod', expression: "request.?subResource.orValue('') == ''" },
  {
    name: 'added',
    expression:
      "request.?subResource.orValue('') == '' ? [] : object.spec.?ephemeralContainers.orValue([]).filter(c, !oldObject.spec.?ephemeralContainers.orValue([]).exists(o, o.name == c.name))",
  },
]

/**
 * Returns admission policies and their bindings, with which the API server itself refuses what `retina.yaml` can never
 * allow: to the accounts of bot and workers, to the people for whom they act, and to all users in the debug pods'
 * namespace.
 * Source: Kubernetes, "Validating Admission Policy".
 */
export function admissionPolicy(scope: AdmissionScope): object[] {
  const rules = [...containerRules(scope), runnerCommandRule(scope)]
  const pods: Validation[] = [
    ...podRules(scope).map(({ expression, message }) => ({
      expression: `!variables.isPod || (${expression})`,
      message,
    })),
    ...rules.map(({ expression, message }) => ({
      expression: `!variables.isPod || object.spec.containers.all(c, ${expression})`,
      message,
    })),
    {
      expression: `variables.added.all(c, c.name.startsWith('retina-') && !has(c.volumeMounts))`,
      message: 'an ephemeral container that belongs to no run, or mounts something',
    },
    ...rules.map(({ expression, message }) => ({ expression: `variables.added.all(c, ${expression})`, message })),
  ]
  const changes = [buildRule(['CREATE'], ['pods']), buildRule(['UPDATE'], ['pods/ephemeralcontainers'])]
  return [
    ...buildPolicy('retina-chatops', scope, { resourceRules: changes, variables, validations: pods }),
    ...buildPolicy('retina-chatops-exec', scope, {
      resourceRules: [buildRule(['CONNECT'], ['pods/exec', 'pods/attach', 'pods/portforward'])],
      validations: [runnerExecRule(scope)],
    }),
  ]
}

type PolicyParts = {
  resourceRules: readonly object[]
  variables?: readonly object[]
  validations: readonly Validation[]
}

function buildPolicy(
  name: string,
  scope: AdmissionScope,
  { resourceRules, validations, ...more }: PolicyParts,
): object[] {
  const admission = 'admissionregistration.k8s.io/v1'
  return [
    {
      apiVersion: admission,
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: { resourceRules },
        matchConditions: [{ name: 'ours', expression: buildMatchCondition(scope) }],
        ...more,
        validations: validations.map((each) => ({ ...each, message: `retina-chatops: ${each.message}` })),
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

/**
 * Returns a condition that matches requests of the accounts, of people for whom they act, and in the debug pods'
 * namespace.
 */
function buildMatchCondition({ accounts, namespace }: AdmissionScope): string {
  return [
    `request.userInfo.username in ${list(accounts)}`,
    `${text(peopleGroup)} in request.userInfo.?groups.orValue([])`,
    `request.namespace == ${text(namespace)}`,
  ].join(' || ')
}
