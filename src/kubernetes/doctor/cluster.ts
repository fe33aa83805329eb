import { type ClusterFacts, findRestrictions, restrictionText } from '#core/clusters/platform-restrictions'
import { errorText, type Finding, failed, notChecked, ok, warning } from '#core/doctor/finding'
import { isAllowed } from '#src/kubernetes/api/access-review'
import { apiProblem, describeError, isNotFound } from '#src/kubernetes/api/api-error'
import { type Connection, type ConnectionOptions, connect } from '#src/kubernetes/api/connection'
import type { ImpersonationMode } from '#src/kubernetes/api/impersonation'
import { peopleGroup, probeUser } from '#src/kubernetes/api/impersonation-headers'
import { type NodeObject, toClusterFacts } from '#src/kubernetes/workload/cluster-facts'
import { type AdmissionDoctorOptions, diagnoseAdmission } from './admission.ts'
import { diagnosePermissions, diagnosePodPermissions, neededPermissions, type Role } from './permissions.ts'

export type ClusterDoctorOptions = ConnectionOptions & {
  name: string
  role: Role
  namespace: string
  /** True where the program executes something in containers: where they are reused, or sets give shells. */
  execs: boolean
  impersonate: ImpersonationMode
  admission: AdmissionDoctorOptions
  /** Namespaces of pods that grants name, and whether a grant has a pattern or a selector. */
  pods: { namespaces: readonly string[]; everywhere: boolean }
  /** Settings by which a restriction of the platform may be lifted. */
  settings: { uidRange: boolean; masked: readonly string[] }
}

/** A node's platform, as an image's index names it. */
export type NodePlatform = { name: string; os: string; architecture: string }

export type ClusterDiagnosis = {
  findings: readonly Finding[]
  /** Linux nodes; undefined where they are not known. */
  nodes?: readonly NodePlatform[]
  /** The API server's clock, in ms since 1970, and when that was read here. */
  time?: { there: number; here: number }
}

/** Checks a cluster with the permissions of one account. */
export async function diagnoseCluster(options: ClusterDoctorOptions): Promise<ClusterDiagnosis> {
  const { name } = options
  let connection: Connection
  try {
    connection = connect(options)
  } catch (error) {
    const mend = `kubectl config get-contexts; name one of them in retina.yaml: { name: ${name}, context: … }`
    return { findings: [failed(`cluster ${name} connection`, errorText(error), mend)] }
  }
  const reached = await reach(connection, options)
  if (reached.findings.some(({ state }) => state === 'failed')) return reached
  const { role, namespace, execs, pods } = options
  // Terminals may read neither lists of nodes nor namespaces: the doctor of the other roles looks at those.
  const isTerminal = role === 'terminal'
  const [{ findings: nodeFindings, nodes }, ...found] = await Promise.all([
    isTerminal ? { findings: [], nodes: undefined } : diagnoseNodes(connection, options),
    diagnosePermissions(connection, name, role, neededPermissions(role, namespace, execs)),
    diagnosePodPermissions(connection, name, { role, ...pods }),
    isTerminal ? [] : diagnoseNamespace(connection, options).then((each) => [each]),
    diagnoseAdmission(connection, `cluster ${name} admission policy`, options.admission).then((each) => [each]),
    diagnoseImpersonation(connection, options).then((each) => [each]),
  ])
  return { ...reached, findings: [...reached.findings, ...found.flat(), ...nodeFindings], ...(nodes && { nodes }) }
}

type Version = { minor?: string; gitVersion?: string }

/** First version with validating admission policies that need no feature gate. */
const minMinor = 30

async function reach(connection: Connection, { name, context }: ClusterDoctorOptions): Promise<ClusterDiagnosis> {
  const check = `cluster ${name} connection`
  const kubectl = `kubectl${context === undefined ? '' : ` --context ${context}`}`
  try {
    const { body, date } = await connection.readJson('/version')
    const here = Date.now()
    // The version is public: asks for something that needs a valid account.
    await isAllowed(connection, { verb: 'get', resource: 'nodes' })
    const there = Date.parse(date ?? '')
    return {
      findings: [ok(check, 'answers'), judgeVersion(name, body as Version)],
      ...(Number.isNaN(there) ? {} : { time: { there, here } }),
    }
  } catch (error) {
    const isRefused = apiProblem(error)?.code === 401
    const why = isRefused ? 'it does not accept the account (401 Unauthorized)' : describeError(error)
    const mend = isRefused
      ? `get new credentials; try: ${kubectl} auth whoami`
      : `open the way to it, or correct its address; try: ${kubectl} version`
    return { findings: [failed(check, why, mend)] }
  }
}

function judgeVersion(name: string, { minor = '', gitVersion = '' }: Version): Finding {
  const check = `cluster ${name} version`
  if (Number.parseInt(minor, 10) >= minMinor) return ok(check, gitVersion)
  return failed(check, `${gitVersion} has no admission policies`, `upgrade it to 1.${minMinor} or later`)
}

async function diagnoseNamespace(connection: Connection, options: ClusterDoctorOptions): Promise<Finding> {
  const { name, namespace } = options
  const check = `cluster ${name} debug namespace`
  const label = `kubectl label namespace ${namespace} pod-security.kubernetes.io/enforce=privileged --overwrite`
  try {
    const { metadata } = await connection.core.readNamespace({ name: namespace })
    const level = metadata?.labels?.['pod-security.kubernetes.io/enforce']
    if (level === 'privileged') return ok(check, `${namespace}, PodSecurity "privileged"`)
    if (level === undefined)
      return warning(check, `${namespace} has no PodSecurity level of its own: the cluster's default applies`, label)
    return failed(check, `PodSecurity enforces "${level}" in ${namespace}, which forbids debug pods of nodes`, label)
  } catch (error) {
    if (isNotFound(error))
      return failed(check, `there is no namespace ${namespace}`, `kubectl create namespace ${namespace} && ${label}`)
    return notChecked(check, describeError(error), `kubectl get namespace ${namespace} --show-labels`)
  }
}

async function diagnoseImpersonation(connection: Connection, options: ClusterDoctorOptions): Promise<Finding> {
  const { name, impersonate, namespace, asUser } = options
  const check = `cluster ${name} impersonation`
  if (impersonate === 'never') return ok(check, 'not used: the bot acts as itself')
  const mend = 'npx retina-chatops admission-policy --config retina.yaml --impersonate | kubectl apply -f -'
  const lacking = (why: string) => (impersonate === 'required' ? failed : warning)(check, why, mend)
  try {
    const subjects = [
      { verb: 'impersonate', resource: 'users', name: probeUser },
      { verb: 'impersonate', resource: 'groups', name: peopleGroup },
    ]
    for (const subject of subjects) {
      if (!(await isAllowed(connection, subject))) return lacking('the account may not impersonate people')
    }
    if (asUser !== undefined) return ok(check, 'the account may impersonate people')
    const probe = connection.as({ id: probeUser, groups: [] }, 'probe')
    if (probe !== undefined && (await isAllowed(probe, { verb: 'create', resource: 'pods', namespace })))
      return ok(check, 'acts for people')
    return lacking(`people (the group ${peopleGroup}) may not create pods in ${namespace}`)
  } catch (error) {
    if (apiProblem(error)?.code === 403) return lacking('the account may not impersonate people')
    return notChecked(check, describeError(error), 'kubectl auth can-i impersonate users')
  }
}

type NodeList = {
  items: (NodeObject & { status?: { nodeInfo?: { operatingSystem?: string; architecture?: string } } })[]
}
type GroupList = { groups?: { name: string }[] }

async function diagnoseNodes(
  connection: Connection,
  { name, settings }: ClusterDoctorOptions,
): Promise<{ findings: Finding[]; nodes?: readonly NodePlatform[] }> {
  const check = `cluster ${name} nodes`
  let list: NodeList
  let groups: GroupList
  try {
    list = (await connection.readJson('/api/v1/nodes')).body as NodeList
    groups = await connection.readJson('/apis').then(
      ({ body }) => body as GroupList,
      () => ({}),
    )
  } catch (error) {
    return { findings: [notChecked(check, describeError(error), 'kubectl get nodes -o wide')] }
  }
  const nodes = list.items.map(({ metadata, status }) => ({
    name: metadata?.name ?? '',
    os: status?.nodeInfo?.operatingSystem ?? 'linux',
    architecture: status?.nodeInfo?.architecture ?? '',
  }))
  const linux = nodes.filter(({ os }) => os === 'linux')
  const facts = toClusterFacts(list.items, groups.groups ?? [])
  return { findings: [judgeNodes(check, nodes.length, linux, facts, settings)], nodes: linux }
}

function judgeNodes(
  check: string,
  total: number,
  linux: readonly NodePlatform[],
  facts: ClusterFacts,
  settings: ClusterDoctorOptions['settings'],
): Finding {
  if (linux.length === 0) return failed(check, 'there is no Linux node', 'add a node pool with Linux')
  const restrictions = findRestrictions(facts, settings)
  const count = `${linux.length} of ${total} run Linux`
  if (restrictions.length === 0) return ok(check, count)
  const forbidsPods = restrictions.filter(({ kind }) => ['gke-autopilot', 'fargate', 'virtual-kubelet'].includes(kind))
  const everywhere = forbidsPods.some(({ nodes }) => nodes.length === 0 || nodes.length === total)
  const mend = 'add a node group of machines; or grant what still works only'
  return (everywhere ? failed : warning)(check, restrictions.map(restrictionText).join(' '), mend)
}
