import { largestQuantity, type Resources, resourceNames } from '#core/runs/check-pod-settings'
import { containerEnvironment } from '#src/kubernetes/workload/pod-spec'
import { type AdmissionScope, isContainerUser } from './admission-scope.ts'
import { list, literal, text, type Validation } from './cel.ts'
import { runnerCommandRule } from './runner-command-rules.ts'
import { capabilityCondition, confinementCondition, imageCondition } from './set-rules.ts'

/** Fields of every container, with those that the API server fills in. */
export const containerFields = [
  ...['name', 'image', 'imagePullPolicy', 'command', 'env', 'securityContext'],
  ...['resources', 'terminationMessagePath', 'terminationMessagePolicy'],
]

const contextFields = [
  ...['allowPrivilegeEscalation', 'capabilities', 'runAsUser', 'runAsGroup', 'runAsNonRoot'],
  ...['seccompProfile', 'appArmorProfile'],
]

/**
 * Most that a container may request, and be limited to. The program asks for nothing; a namespace's LimitRange may fill
 * something in.
 */
const maxResources = { cpu: '2', memory: '2Gi', 'ephemeral-storage': '10Gi' }

const context = 'c.?securityContext'

/** Returns the rules for one container `c`, in a debug pod or ephemeral. */
export function containerRules(scope: AdmissionScope): Validation[] {
  const { sets } = scope.policy
  const images = [scope.image, ...sets.flatMap((set) => set.images)]
  return [
    { expression: imageCondition(images), message: 'an image that retina.yaml does not name' },
    { expression: `!${context}.?privileged.orValue(false)`, message: 'privileged' },
    { expression: capabilityCondition(sets), message: 'a Linux capability that no set can give' },
    {
      expression: `${context}.?capabilities.?drop.orValue([]) == ['ALL']`,
      message: 'other capabilities are not dropped',
    },
    {
      // The API server wants it together with these two capabilities.
      expression: `${context}.?allowPrivilegeEscalation.orValue(true) == ${context}.?capabilities.?add.orValue([]).exists(a, a in ['ALL', 'SYS_ADMIN'])`,
      message: 'privilege escalation that no capability needs',
    },
    { expression: confinementCondition(sets, 'seccomp'), message: 'seccomp is off' },
    { expression: confinementCondition(sets, 'apparmor'), message: 'AppArmor is off' },
    {
      expression: `${context}.orValue({}).all(k, k in ${list(contextFields)}) && ${context}.?capabilities.orValue({}).all(k, k in ['add', 'drop'])`,
      message: 'a security context with more than the program sets',
    },
    userRule(scope),
    {
      expression: `!has(c.envFrom) && c.?env.orValue([]) == ${literal(containerEnvironment)}`,
      message: 'environment variables other than HOME',
    },
    runnerCommandRule(scope),
    {
      // The plugin AlwaysPullImages changes it.
      expression: `c.?imagePullPolicy.orValue('') in ${list([scope.containers.pullPolicy, 'Always'])}`,
      message: 'an image that is pulled otherwise than shell.pullPolicy says',
    },
    {
      expression: `c.?terminationMessagePath.orValue('') == '/dev/termination-log' && c.?terminationMessagePolicy.orValue('') == 'File'`,
      message: 'a last message from elsewhere',
    },
  ]
}

/** Returns the rule that `c` runs as root, or as a user and group that no other process has. */
function userRule(scope: AdmissionScope): Validation {
  const [user, group] = [`${context}.?runAsUser.orValue(-1)`, `${context}.?runAsGroup.orValue(-1)`]
  const nobody = `${context}.?runAsNonRoot.orValue(false) && ${user} == ${group} && ${isContainerUser(user, scope)}`
  const root = `${user} == 0 && !${context}.?runAsNonRoot.orValue(true) && (${group} == 0 || ${isContainerUser(group, scope)})`
  return { expression: `(${nobody}) || (${root})`, message: "a user or group that isn't the container's own" }
}

/**
 * Returns the rule that `c` has the owner's requests and limits, and whatever else is filled in within bounds: a
 * LimitRange's defaults, and requests that the API server copies from limits.
 */
export function resourceRule({ requests = {}, limits = {} }: Resources = {}): Validation {
  const isAtMost = (kind: 'requests' | 'limits', name: (typeof resourceNames)[number]) => {
    const most = largestQuantity(maxResources[name], limits[name], kind === 'requests' ? requests[name] : undefined)
    const quantity = 'quantity(string(c.resources[q][r]))'
    return `(q == ${text(kind)} && r == ${text(name)} && ${quantity}.compareTo(quantity(${text(most)})) <= 0)`
  }
  const kinds = ['requests', 'limits'] as const
  const isBounded = kinds.flatMap((kind) => resourceNames.map((name) => isAtMost(kind, name)))
  const exact = Object.entries({ requests, limits }).flatMap(([kind, quantities]) =>
    Object.entries(quantities).map(
      ([name, each]) =>
        `quantity(string(c.?resources.?${kind}[${text(name)}].orValue('-1'))).compareTo(quantity(${text(each)})) == 0`,
    ),
  )
  const within = `dyn(c.?resources.orValue({})).all(q, dyn(c.resources[q]).all(r, ${isBounded.join(' || ')}))`
  const most = resourceNames.map((name) => `${name} up to ${largestQuantity(maxResources[name], limits[name])}`)
  const message = `resources other than those of shell.resources, and others than ${most.join(', ')}`
  return { expression: [within, ...exact].join(' && '), message }
}
