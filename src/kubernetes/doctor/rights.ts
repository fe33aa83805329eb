import { type Finding, failed, notChecked, ok, warning } from '#core/doctor/finding'
import { describeError } from '#src/kubernetes/api/api-error'
import type { Connection } from '#src/kubernetes/api/connection'

/** A right in the terms of Kubernetes; without a namespace, in the whole cluster. */
export type Right = { verb: string; resource: string; subresource?: string; group?: string; namespace?: string }

export type Role = 'bot' | 'worker' | 'all'

/** Parses `get,list pods/log` to its rights. */
function rights(verbs: string, resource: string, namespace?: string): Right[] {
  const [name = '', subresource] = resource.split('/')
  return verbs.split(',').map((verb) => ({
    ...{ verb, resource: name },
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === undefined ? {} : { namespace }),
  }))
}

/** Returns the rights of a role that it can't do without; `keeps`: containers are reused. */
export function neededRights(role: Role, namespace: string, keeps: boolean): Right[] {
  const all = [...rights('get,list', 'nodes'), ...rights('get', 'namespaces')]
  const bot = rights('create,get', 'pods', namespace)
  const worker = [
    ...rights('create,get,list,watch,delete', 'pods', namespace),
    ...rights('get', 'pods/log', namespace),
    ...rights('list', 'events', namespace),
    ...(keeps ? rights('get,create', 'pods/exec', namespace) : []),
  ]
  const found = [...all, ...(role === 'worker' ? [] : bot), ...(role === 'bot' ? [] : worker)]
  return found.filter((right, at) => found.findIndex((each) => rightText(each) === rightText(right)) === at)
}

/** Returns the rights with which pods of a namespace are debugged; of all namespaces where it is left out. */
function podRights(namespace: string | undefined): Right[] {
  return [
    ...rights('get,list,watch', 'pods', namespace),
    ...rights('patch', 'pods/ephemeralcontainers', namespace),
    ...rights('get', 'pods/log', namespace),
    ...rights('get,create', 'pods/exec', namespace),
    ...rights('list', 'events', namespace),
  ]
}

/** Returns a right as `kubectl auth can-i` names it: `get pods/log`. */
function rightText({ verb, resource, subresource }: Right): string {
  return `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`
}

const apply = 'kubectl apply -f deploy/kubernetes/rights.yaml'

/** Checks each right by name. */
export async function diagnoseRights(
  connection: Connection,
  name: string,
  needed: readonly Right[],
): Promise<Finding[]> {
  return Promise.all(
    needed.map(async (right) => {
      const check = `cluster ${name} right to ${rightText(right)}`
      try {
        const where = right.namespace === undefined ? 'in the whole cluster' : `in ${right.namespace}`
        if (await isAllowed(connection, right)) return ok(check, where)
        return failed(check, `the account may not ${rightText(right)} ${where}`, apply)
      } catch (error) {
        return notChecked(check, describeError(error), `kubectl auth can-i ${rightText(right)}`)
      }
    }),
  )
}

/**
 * Checks the rights for pods as targets: in namespaces that grants name, and in all of them where a grant has a pattern or
 * a selector (`everywhere`).
 */
export async function diagnosePodRights(
  connection: Connection,
  name: string,
  { namespaces, everywhere }: { namespaces: readonly string[]; everywhere: boolean },
): Promise<Finding[]> {
  const own = await Promise.all(
    namespaces.map(async (namespace) => {
      const check = `cluster ${name} pods of ${namespace}`
      const mend = `kubectl apply -n ${namespace} -f deploy/kubernetes/pods.example.yaml`
      return judgePodRights(connection, check, namespace, (why) => failed(check, why, mend))
    }),
  )
  if (!everywhere) return own
  const check = `cluster ${name} pods of all namespaces`
  const mend =
    'bind it in each namespace: kubectl apply -n NAMESPACE -f deploy/kubernetes/pods.example.yaml; or in all, by a ClusterRoleBinding'
  return [...own, await judgePodRights(connection, check, undefined, (why) => warning(check, why, mend))]
}

async function judgePodRights(
  connection: Connection,
  check: string,
  namespace: string | undefined,
  lacking: (why: string) => Finding,
): Promise<Finding> {
  try {
    const needed = podRights(namespace)
    const allowed = await Promise.all(needed.map((each) => isAllowed(connection, each)))
    const missing = needed.filter((_each, at) => allowed[at] !== true).map(rightText)
    return missing.length === 0 ? ok(check, 'can be debugged') : lacking(`the account may not ${missing.join(', ')}`)
  } catch (error) {
    return notChecked(check, describeError(error), 'kubectl auth can-i --list')
  }
}

/** Returns whether the account has a right. Rejects with the API server's error. */
async function isAllowed({ authorization }: Connection, right: Right): Promise<boolean> {
  const review = await authorization.createSelfSubjectAccessReview({ body: { spec: { resourceAttributes: right } } })
  return review.status?.allowed === true
}
