import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { parseAllDocuments } from 'yaml'
import { neededPermissions } from '#src/kubernetes/doctor/permissions'

type Rule = { resources: string[]; verbs: string[] }
type RoleObject = { kind: string; metadata: { name: string }; rules?: Rule[] }

const file = join(import.meta.dirname, '../../deploy/kubernetes/rights.yaml')
const objects = parseAllDocuments(readFileSync(file, 'utf8')).map((each) => each.toJS() as RoleObject)

/** Returns the permissions of roles as `get pods/log`, sorted. */
function grantedBy(...names: string[]): string[] {
  const rules = objects
    .filter(({ kind, metadata }) => /Role$/.test(kind) && names.includes(metadata.name))
    .flatMap((each) => each.rules ?? [])
  const all = rules.flatMap(({ resources, verbs }) =>
    resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)),
  )
  return [...new Set(all)].toSorted()
}

const needed = (role: 'bot' | 'worker') =>
  neededPermissions(role, 'retina-chatops', true)
    .map(
      ({ verb, resource, subresource }) => `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`,
    )
    .toSorted()

test.each([
  ['bot', 'retina-chatops-bot'],
  ['worker', 'retina-chatops-worker'],
] as const)('doctor looks for exactly the permissions that rights.yaml gives a %s', (role, own) => {
  expect(needed(role)).toEqual(grantedBy('retina-chatops-nodes', own))
})
