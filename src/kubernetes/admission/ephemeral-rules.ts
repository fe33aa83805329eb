import { containedCapabilities } from '#core/request/node-access-through-pod'
import type { AdmissionScope } from './admission-scope.ts'
import { forEachContainer, list, text, type Validation } from './cel.ts'
import { containerFields, containerRules, resourceRule } from './container-rules.ts'
import { runIdForm } from './runner-command-rules.ts'
import { oneSetRule } from './set-rules.ts'

const containersOf = (object: string) => `${object}.spec.?ephemeralContainers.orValue([])`

const isStrong = [
  `x.?securityContext.?privileged.orValue(false)`,
  `x.?securityContext.?capabilities.?add.orValue([]).exists(a, !(a in ${list(containedCapabilities)}))`,
  `x.?volumeMounts.orValue([]).exists(m, m.name in variables.hostVolumes)`,
].join(' || ')

/** CEL variables of the rules for ephemeral containers. */
export const ephemeralVariables = [
  {
    name: 'added',
    expression: `${containersOf('object')}.filter(c, !${containersOf('oldObject')}.exists(o, o.name == c.name))`,
  },
  {
    name: 'hostVolumes',
    expression: `object.spec.?volumes.orValue([]).filter(v, has(v.hostPath)).map(v, v.name)`,
  },
  {
    // Names of containers that have more of the node than a container has: see `podAccessOf`.
    name: 'strong',
    expression: `(oldObject.spec.containers + oldObject.spec.?initContainers.orValue([]) + ${containersOf('oldObject')}).filter(x, ${isStrong}).map(x, x.name)`,
  },
]

/** Fields of metadata that the API server changes itself. */
const versionFields = ['managedFields', 'generation', 'resourceVersion']

/** Returns the rules for updates of `pods/ephemeralcontainers`: one container of a run is added, and nothing changed. */
export function ephemeralRules(scope: AdmissionScope): Validation[] {
  const rules = [
    {
      expression: `c.name.matches(${text(`^retina-${runIdForm}$`)}) && c.?command[?2].orValue('') == c.name.substring(7) && !has(c.volumeMounts)`,
      message: 'an ephemeral container that belongs to no run, or mounts something',
    },
    ...containerRules(scope),
    resourceRule(),
    oneSetRule(scope, false),
    {
      expression: `dyn(c).all(k, k in ${list([...containerFields, 'targetContainerName'])})`,
      message: 'an ephemeral container with a field that those of runs never have',
    },
  ]
  return [
    {
      expression: `request.namespace != ${text(scope.namespace)}`,
      message: 'debug pods get no ephemeral containers',
    },
    { expression: 'variables.added.size() <= 1', message: 'more than one ephemeral container' },
    ...forEachContainer('variables.added', rules),
    {
      expression: `${containersOf('oldObject')}.all(o, ${containersOf('object')}.exists(c, c == o))`,
      message: 'a change of an ephemeral container that is there',
    },
    unchanged('spec', ['ephemeralContainers'], "a change of the pod besides a run's container"),
    unchanged('metadata', versionFields, "a change of the pod's labels, annotations, owners or finalizers"),
  ]
}

/** Returns the rule that a part of an object is what it was, except for some fields. */
function unchanged(part: 'spec' | 'metadata', except: readonly string[], message: string): Validation {
  const sameIn = (one: string, other: string) =>
    `dyn(${one}.${part}).all(k, k in ${list(except)} || (k in dyn(${other}.${part}) && dyn(${one}.${part})[k] == dyn(${other}.${part})[k]))`
  return { expression: `${sameIn('object', 'oldObject')} && ${sameIn('oldObject', 'object')}`, message }
}
