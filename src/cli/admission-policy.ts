import { stringify } from 'yaml'
import { lifeOf } from '#core/sessions/session'
import { UserError } from '#src/app/errors'
import type { Config } from '#src/config/load'
import { admissionPolicy } from '#src/kubernetes/admission/admission-policy'
import { impersonationRole } from '#src/kubernetes/admission/impersonation-role'
import { configFile, mustLoad, readOptions } from './arguments.ts'

const options = {
  config: { type: 'string' },
  account: { type: 'string', multiple: true },
  impersonate: { type: 'boolean', default: false },
} as const

/** The accounts of deploy/kubernetes/rights.yaml. */
const usualAccounts = [
  'system:serviceaccount:retina-chatops-system:bot',
  'system:serviceaccount:retina-chatops-system:worker',
]

/**
 * `admission-policy`: YAML by which the API server itself refuses what the file can never allow. With `--impersonate`, the right
 * to act for the people and groups that the file names as well.
 */
export async function printAdmissionPolicy(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, options)
  if (positionals.length > 0) throw new UserError('bad-usage', 'It is called as `admission-policy [--config FILE]`.')
  const config = mustLoad(configFile(values.config))
  const accounts = values.account ?? usualAccounts
  const { policy, shell } = config
  const { repo, version, digest } = shell.image
  const image = digest === undefined ? `${repo}:${version}` : `${repo}@${digest}`
  const idle = Math.max(shell.keep, shell.keepInPods)
  const objects = [
    ...admissionPolicy({
      ...{ policy, image, namespace: shell.namespace, masked: shell.masked, accounts },
      ...(idle === 0 ? {} : { stays: { idle, life: lifeOf(idle) } }),
    }),
    ...(values.impersonate ? impersonationRole(peopleOf(config), groupsOf(config), accounts) : []),
  ]
  const about =
    '# Made from retina.yaml by `retina-chatops admission-policy`. Make it anew whenever the sets in it change.\n'
  console.log(`${about}${objects.map((object) => stringify(object, { lineWidth: 0 })).join('---\n')}`)
  return 0
}

/** People whom the file names by their e-mail: in grants, groups, and approvals. */
function peopleOf({ policy, groups }: Config): string[] {
  const subjects = [...policy.grants.flatMap(({ to }) => to), ...Object.values(groups).flat()]
  return [
    ...new Set(subjects.filter((each) => /^[^\s@:]+@[^\s@:]+$/.test(each)).map((each) => each.toLowerCase())),
  ].sort()
}

function groupsOf({ groups }: Config): string[] {
  return Object.keys(groups).map((name) => `retina-chatops:group:${name}`)
}
