import { type Finding, failed, notChecked, ok, warning } from '#core/doctor/finding'
import { defined } from '#core/util/defined'
import { isAllowed, type Permission, permissionText } from '#src/kubernetes/api/access-review'
import { describeError } from '#src/kubernetes/api/api-error'
import type { Connection } from '#src/kubernetes/api/connection'

export type Role = 'bot' | 'worker' | 'terminal' | 'all'

/** Parses `get,list pods/log` to its permissions. */
function permissions(verbs: string, resource: string, namespace?: string): Permission[] {
  const [name = '', subresource] = resource.split('/')
  return verbs.split(',').map((verb) => ({
    ...{ verb, resource: name },
    ...defined({ subresource, namespace }),
  }))
}

/** Returns the permissions of a role that it can't do without; `execs`: something is executed in containers. */
export function neededPermissions(role: Role, namespace: string, execs: boolean): Permission[] {
  if (role === 'terminal') return terminalPermissions(namespace)
  const all = [...permissions('get,list', 'nodes'), ...permissions('get', 'namespaces')]
  const bot = permissions('create,get', 'pods', namespace)
  const worker = [
    ...permissions('create,get,list,watch,delete', 'pods', namespace),
    ...permissions('get', 'pods/log', namespace),
    ...permissions('list', 'events', namespace),
    ...(execs ? permissions('get,create', 'pods/exec', namespace) : []),
  ]
  const found = [...all, ...(role === 'worker' ? [] : bot), ...(role === 'bot' ? [] : worker)]
  return found.filter(
    (permission, at) => found.findIndex((each) => permissionText(each) === permissionText(permission)) === at,
  )
}

function terminalPermissions(namespace: string): Permission[] {
  return [
    ...permissions('get', 'nodes'),
    ...permissions('create,get,watch,delete', 'pods', namespace),
    ...permissions('list', 'events', namespace),
    ...permissions('get,create', 'pods/exec', namespace),
  ]
}

/** Returns the permissions with which a role debugs pods of a namespace; of all namespaces where it is left out. */
export function podPermissions(role: Role, namespace: string | undefined): Permission[] {
  if (role === 'terminal')
    return [
      ...permissions('get,watch', 'pods', namespace),
      ...permissions('patch', 'pods/ephemeralcontainers', namespace),
      ...permissions('get,create', 'pods/exec', namespace),
      ...permissions('list', 'events', namespace),
    ]
  return [
    ...permissions('get,list,watch', 'pods', namespace),
    ...permissions('get', 'services', namespace),
    ...permissions('patch', 'pods/ephemeralcontainers', namespace),
    ...permissions('get', 'pods/log', namespace),
    ...permissions('get,create', 'pods/exec', namespace),
    ...permissions('list', 'events', namespace),
  ]
}

const rolesOf = (role: Role) =>
  `helm upgrade with the chart, which makes its roles; or kubectl apply -f deploy/kubernetes/${role === 'terminal' ? 'terminal' : 'rights'}.yaml`

/** Checks each permission by name. */
export async function diagnosePermissions(
  connection: Connection,
  name: string,
  role: Role,
  needed: readonly Permission[],
): Promise<Finding[]> {
  return Promise.all(
    needed.map(async (permission) => {
      const check = `cluster ${name} permission to ${permissionText(permission)}`
      try {
        const where = permission.namespace === undefined ? 'in the whole cluster' : `in ${permission.namespace}`
        if (await isAllowed(connection, permission)) return ok(check, where)
        return failed(check, `the account may not ${permissionText(permission)} ${where}`, rolesOf(role))
      } catch (error) {
        return notChecked(check, describeError(error), `kubectl auth can-i ${permissionText(permission)}`)
      }
    }),
  )
}

/**
 * Checks the permissions for pods as targets: in namespaces that grants name, and in all of them where a grant has a pattern or
 * a selector (`everywhere`).
 */
export async function diagnosePodPermissions(
  connection: Connection,
  name: string,
  { role, namespaces, everywhere }: { role: Role; namespaces: readonly string[]; everywhere: boolean },
): Promise<Finding[]> {
  const file = `deploy/kubernetes/${role === 'terminal' ? 'terminal-pods' : 'pods'}.example.yaml`
  const own = await Promise.all(
    namespaces.map(async (namespace) => {
      const check = `cluster ${name} pods of ${namespace}`
      const mend = `targets.namespaces of the chart; or kubectl apply -n ${namespace} -f ${file}`
      const needed = podPermissions(role, namespace)
      return judgePodPermissions(connection, check, needed, (why) => failed(check, why, mend))
    }),
  )
  if (!everywhere) return own
  const check = `cluster ${name} pods of all namespaces`
  const mend = `targets.allNamespaces of the chart; or in each namespace: kubectl apply -n NAMESPACE -f ${file}`
  const needed = podPermissions(role, undefined)
  return [...own, await judgePodPermissions(connection, check, needed, (why) => warning(check, why, mend))]
}

async function judgePodPermissions(
  connection: Connection,
  check: string,
  needed: readonly Permission[],
  lacking: (why: string) => Finding,
): Promise<Finding> {
  try {
    const allowed = await Promise.all(needed.map((each) => isAllowed(connection, each)))
    const missing = needed.filter((_each, at) => allowed[at] !== true).map(permissionText)
    return missing.length === 0 ? ok(check, 'can be debugged') : lacking(`the account may not ${missing.join(', ')}`)
  } catch (error) {
    return notChecked(check, describeError(error), 'kubectl auth can-i --list')
  }
}
