import { configuredImage, runtimeImage } from '#core/request/image'
import { maxLifetime } from '#core/sessions/session'
import { defined } from '#core/util/defined'
import type { Config } from '#src/config/load'
import { admissionPolicy } from '#src/kubernetes/admission/admission-policy'
import type { AdmissionScope } from '#src/kubernetes/admission/admission-scope'
import { impersonationRole } from '#src/kubernetes/admission/impersonation-role'
import { containerSettings } from './container-settings.ts'

/**
 * Returns Kubernetes objects by which the API server itself refuses what the file can never allow; with `impersonate`,
 * also the right to impersonate the people and groups that the file names. `accounts`: service accounts of bot and
 * workers.
 */
export function admissionObjects(
  config: Config,
  { accounts, impersonate }: { accounts: readonly string[]; impersonate: boolean },
): object[] {
  return [
    ...admissionPolicy(admissionScope(config, accounts)),
    ...(impersonate ? impersonationRole(peopleOf(config), groupsOf(config), accounts) : []),
  ]
}

/** Returns what the file can ever allow, for the accounts of bot and workers. */
export function admissionScope({ policy, shell }: Config, accounts: readonly string[]): AdmissionScope {
  const image = runtimeImage(configuredImage(shell.image))
  const idle = Math.max(shell.keep, shell.keepInPods)
  return {
    ...{ policy, image, namespace: shell.namespace, masked: shell.masked, accounts },
    ...{ containers: containerSettings({ shell }), maxOutputBytes: shell.maxOutputBytes },
    ...defined({ uidRange: shell.uidRange }),
    ...(idle === 0 ? {} : { stays: { idle, life: maxLifetime(idle) } }),
  }
}

/** Returns the e-mail addresses, in lower case, of the people whom the file names in grants and groups. */
function peopleOf({ policy, groups }: Config): string[] {
  const subjects = [...policy.grants.flatMap(({ to }) => to), ...Object.values(groups).flat()]
  return [
    ...new Set(subjects.filter((each) => /^[^\s@:]+@[^\s@:]+$/.test(each)).map((each) => each.toLowerCase())),
  ].sort()
}

function groupsOf({ groups }: Config): string[] {
  return Object.keys(groups).map((name) => `retina-chatops:group:${name}`)
}
