import { peopleGroup } from '#src/kubernetes/api/impersonation-headers'
import { type AdmissionScope, containerRules, list, podRules, text, type Validation } from './container-rules.ts'
import { runnerCommandRule, runnerExecRule } from './runner-rules.ts'

/** What the expressions below speak of. */
const variables = [
  { name: 'isPod', expression: "request.?subResource.orValue('') == ''" },
  {
    name: 'added',
    expression:
      "request.?subResource.orValue('') == '' ? [] : object.spec.?ephemeralContainers.orValue([]).filter(c, !oldObject.spec.?ephemeralContainers.orValue([]).exists(o, o.name == c.name))",
  },
]

/**
 * Admission policies and their bindings, by which the API server itself refuses what `retina.yaml` can never allow: to the
 * accounts of bot and workers, to whomever they act for, and to everybody in the namespace of debug pods.
 * Source: Kubernetes, "Validating Admission Policy".
 */
export function admissionPolicy(fence: AdmissionScope): object[] {
  const rules = [...containerRules(fence), runnerCommandRule(fence)]
  const pods: Validation[] = [
    ...podRules(fence).map(({ expression, message }) => ({
      expression: `!variables.isPod || (${expression})`,
      message,
    })),
    ...rules.map(({ expression, message }) => ({
      expression: `!variables.isPod || object.spec.containers.all(c, ${expression})`,
      message,
    })),
    {
      expression: `variables.added.all(c, c.name.startsWith('retina-') && !has(c.volumeMounts))`,
      message: 'an ephemeral container that is none of a run, or mounts something',
    },
    ...rules.map(({ expression, message }) => ({ expression: `variables.added.all(c, ${expression})`, message })),
  ]
  const made = [rule(['CREATE'], ['pods']), rule(['UPDATE'], ['pods/ephemeralcontainers'])]
  return [
    ...policy('retina-chatops', fence, { resourceRules: made, variables, validations: pods }),
    ...policy('retina-chatops-exec', fence, {
      resourceRules: [rule(['CONNECT'], ['pods/exec', 'pods/attach', 'pods/portforward'])],
      validations: [runnerExecRule(fence)],
    }),
  ]
}

type Parts = { resourceRules: readonly object[]; variables?: readonly object[]; validations: readonly Validation[] }

function policy(name: string, fence: AdmissionScope, { resourceRules, validations, ...more }: Parts): object[] {
  const admission = 'admissionregistration.k8s.io/v1'
  return [
    {
      apiVersion: admission,
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: { resourceRules },
        matchConditions: [{ name: 'ours', expression: ours(fence) }],
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

function rule(operations: readonly string[], resources: readonly string[]) {
  return { apiGroups: [''], apiVersions: ['v1'], operations, resources, scope: 'Namespaced' }
}

/** Requests of our accounts, of people whom they act for, and whatever is made in the namespace of debug pods by whomever. */
function ours({ accounts, namespace }: AdmissionScope): string {
  return [
    `request.userInfo.username in ${list(accounts)}`,
    `${text(peopleGroup)} in request.userInfo.?groups.orValue([])`,
    `request.namespace == ${text(namespace)}`,
  ].join(' || ')
}
