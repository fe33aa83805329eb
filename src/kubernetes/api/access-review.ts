import type { Connection } from './connection.ts'

/** A permission in the terms of Kubernetes; without a namespace, in the whole cluster. */
export type Permission = { verb: string; resource: string; subresource?: string; name?: string; namespace?: string }

/** Returns a permission as `kubectl auth can-i` names it: `get pods/log`. */
export function permissionText({ verb, resource, subresource }: Permission): string {
  return `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`
}

/** Asks the API server whether the account of a connection has a permission. Rejects with the API server's error. */
export async function isAllowed(
  { authorization }: Pick<Connection, 'authorization'>,
  permission: Permission,
): Promise<boolean> {
  const review = await authorization.createSelfSubjectAccessReview({
    body: { spec: { resourceAttributes: permission } },
  })
  return review.status?.allowed === true
}
