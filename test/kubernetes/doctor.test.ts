import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { parseAllDocuments } from 'yaml'
import { neededPermissions, podPermissions } from '#src/kubernetes/doctor/permissions'

type Rule = { resources: string[]; verbs: string[] }
type RoleObject = { kind: string; metadata: { name: string }; rules?: Rule[] }

const objects = ['rights.yaml', 'terminal.yaml'].flatMap((name) => {
  const text = readFileSync(join(import.meta.dirname, '../../deploy/kubernetes', name), 'utf8')
  return parseAllDocuments(text).map((each) => each.toJS() as RoleObject)
})

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

const textsOf = (permissions: ReturnType<typeof neededPermissions>) =>
  permissions
    .map(
      ({ verb, resource, subresource }) => `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`,
    )
    .toSorted()

test.each([
  ['bot', ['retina-chatops-nodes', 'retina-chatops-bot']],
  ['worker', ['retina-chatops-nodes', 'retina-chatops-worker']],
  ['terminal', ['retina-chatops-terminal-nodes', 'retina-chatops-terminal']],
] as const)('doctor looks for exactly the permissions that the manifests give a %s', (role, names) => {
  expect(textsOf(neededPermissions(role, 'retina-chatops', true))).toEqual(grantedBy(...names))
})

test.each([
  ['worker', 'retina-chatops-pods'],
  ['terminal', 'retina-chatops-terminal-pods'],
] as const)('and exactly those in namespaces whose pods are debugged: %s', (role, name) => {
  expect(textsOf(podPermissions(role, 'shop'))).toEqual(grantedBy(name))
})

test('a terminal reads no logs and lists no pods', () => {
  const all = grantedBy('retina-chatops-terminal', 'retina-chatops-terminal-nodes', 'retina-chatops-terminal-pods')
  expect(all.filter((each) => / (pods\/log|secrets|configmaps)$|^list (pods|nodes)$|^\*|\*$/.test(each))).toEqual([])
})
