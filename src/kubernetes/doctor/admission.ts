import { errorText, type Finding, failed, notChecked, ok, warning } from '#core/doctor/finding'
import { canonicalJson } from '#core/util/canonical-json'
import { admissionPolicy } from '#src/kubernetes/admission/admission-policy'
import type { AdmissionScope } from '#src/kubernetes/admission/admission-scope'
import { compareScopes } from '#src/kubernetes/admission/compare-scopes'
import { PolicyNotProven, policyProof } from '#src/kubernetes/admission/prove-policy'
import { parseScope, scopeAnnotation } from '#src/kubernetes/admission/stored-scope'
import { apiProblem, isNotFound } from '#src/kubernetes/api/api-error'
import type { Connection } from '#src/kubernetes/api/connection'
import type { AdmissionMode } from '#src/kubernetes/cluster'

export type AdmissionDoctorOptions = {
  mode: AdmissionMode
  /** What the file can ever allow; its accounts don't count. */
  scope: AdmissionScope
  /** Returns the sets that the policy in force refuses, each with its reason, by dry runs. */
  refusedSets: () => Promise<readonly string[]>
}

/** A policy or its binding. */
export type PolicyObject = {
  kind: string
  metadata: { name: string; annotations?: Record<string, string> }
  spec: Record<string, unknown>
}

const apply = 'npx retina-chatops admission-policy --config retina.yaml --impersonate | kubectl apply -f -'

/** Checks that the admission policy is in force for this account, and exactly as wide as `retina.yaml`. */
export async function diagnoseAdmission(
  connection: Connection,
  check: string,
  options: AdmissionDoctorOptions,
): Promise<Finding> {
  const { mode, scope } = options
  if (mode === 'off') return warning(check, 'not looked for: admissionPolicy is off', 'admissionPolicy: required')
  try {
    await policyProof(connection)(scope.namespace)
  } catch (error) {
    if (!(error instanceof PolicyNotProven)) throw error
    const { problem, message } = error
    if (problem === 'undetermined') return notChecked(check, message, 'kubectl get validatingadmissionpolicies')
    return failed(check, message, problem === 'unknown-account' ? apply.replace(' |', ' --account USER |') : apply)
  }
  try {
    return await compareObjects(connection, check, options)
  } catch (error) {
    if (apiProblem(error)?.code !== 403) return notChecked(check, errorText(error), 'run doctor again')
    return compareByDryRuns(check, options)
  }
}

/** Compares the objects in the cluster with those that the file gives. Rejects where they may not be read. */
async function compareObjects(
  connection: Connection,
  check: string,
  { scope }: AdmissionDoctorOptions,
): Promise<Finding> {
  const first = await readObject(connection, 'ValidatingAdmissionPolicy', 'retina-chatops')
  const inForce = parseScope(first?.metadata.annotations?.[scopeAnnotation])
  const made = admissionPolicy(inForce ?? scope) as PolicyObject[]
  const found = await Promise.all(made.map(({ kind, metadata: { name } }) => readObject(connection, kind, name)))
  const missing = made.filter((_each, at) => found[at] === undefined)
  if (missing.length > 0) {
    const names = missing.map(({ kind, metadata }) => (kind.endsWith('Binding') ? 'the binding ' : '') + metadata.name)
    return failed(check, `a part is missing: ${names.join(', ')}`, apply)
  }
  const edited = made.filter((each, at) => !hasSameSpec(each, found[at]))
  if (inForce === undefined || edited.length > 0) {
    const names = (edited.length > 0 ? edited : made.slice(0, 1)).map(({ metadata }) => metadata.name).join(', ')
    return failed(check, `it was edited, or made by another version: ${names}`, apply)
  }
  return judgeDifference(check, inForce, scope)
}

function judgeDifference(check: string, inForce: AdmissionScope, scope: AdmissionScope): Finding {
  const { wider, narrower, settings } = compareScopes(inForce, scope)
  const parts = [
    ...(wider.length === 0 ? [] : [`wider than retina.yaml: ${wider.join('; ')}`]),
    ...(narrower.length === 0 ? [] : [`narrower than retina.yaml: ${narrower.join('; ')}`]),
    ...(settings.length === 0 ? [] : [`made for other values of ${settings.join(', ')}`]),
  ]
  return parts.length === 0 ? ok(check, 'in force, and as wide as retina.yaml') : failed(check, parts.join('; '), apply)
}

async function compareByDryRuns(check: string, { refusedSets }: AdmissionDoctorOptions): Promise<Finding> {
  const refused = await refusedSets()
  if (refused.length > 0) return failed(check, `narrower than retina.yaml: it refuses ${refused.join('; ')}`, apply)
  const why =
    'in force, and not narrower than retina.yaml; whether it is wider is not known: this account may not read it'
  return notChecked(check, why, 'run doctor with an account that may get validatingadmissionpolicies')
}

/** Reads a policy or its binding; undefined where there is none. */
async function readObject(connection: Connection, kind: string, name: string): Promise<PolicyObject | undefined> {
  const plural =
    kind === 'ValidatingAdmissionPolicy' ? 'validatingadmissionpolicies' : 'validatingadmissionpolicybindings'
  try {
    const { body } = await connection.readJson(`/apis/admissionregistration.k8s.io/v1/${plural}/${name}`)
    return body as PolicyObject
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

/** Values that the API server fills in. */
const defaults = { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {}, scope: '*' }

/** Returns true for objects whose specs are the same but for the API server's defaults. */
export function hasSameSpec(one: PolicyObject, other: PolicyObject | undefined): boolean {
  return specText(one) === specText(other)
}

function specText(object: PolicyObject | undefined): string {
  const { matchConstraints, ...spec } = object?.spec ?? {}
  const constraints = typeof matchConstraints === 'object' ? { ...defaults, ...matchConstraints } : null
  return canonicalJson({ ...spec, matchConstraints: constraints })
}
