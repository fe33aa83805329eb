import { runLabel } from '#core/runs/debug-spec'
import { peopleGroup, probeUser } from '#src/kubernetes/api/impersonation-headers'

/** Returns a role with the permission to act for these people and groups only, and its binding to the accounts. */
export function impersonationRole(
  people: readonly string[],
  groups: readonly string[],
  accounts: readonly string[],
): object[] {
  const name = 'retina-chatops-impersonate'
  const rbac = 'rbac.authorization.k8s.io'
  const subjects = accounts.map((account) => {
    const [, namespace, serviceAccount] = /^system:serviceaccount:([^:]+):(.+)$/.exec(account) ?? []
    if (namespace === undefined) return { kind: 'User', apiGroup: rbac, name: account }
    return { kind: 'ServiceAccount', name: serviceAccount, namespace }
  })
  const rules = [
    { apiGroups: [''], resources: ['users'], verbs: ['impersonate'], resourceNames: [probeUser, ...people] },
    { apiGroups: [''], resources: ['groups'], verbs: ['impersonate'], resourceNames: [peopleGroup, ...groups] },
    { apiGroups: ['authentication.k8s.io'], resources: [`userextras/${runLabel}`], verbs: ['impersonate'] },
  ]
  return [
    { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name }, rules },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name },
      subjects,
    },
  ]
}
