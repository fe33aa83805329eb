import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { closeServer, listenOnLoopback } from '#test/fakes/listen'

type KubernetesObject = {
  kind?: string
  metadata?: { name?: string; [key: string]: unknown } | undefined
  [key: string]: unknown
}
type Node = { name: string; os: string; architecture: string; osImage?: string; labels?: Record<string, string> }

/** State of the stand-in for an API server. */
export type KubernetesState = {
  minor: number
  nodes: Node[]
  /** Labels of namespaces, by name. */
  namespaces: Map<string, Record<string, string>>
  /** Admission policies and their bindings. */
  policies: KubernetesObject[]
  /** Rights that the account lacks, as `verb resource[/subresource]`. */
  denied: Set<string>
  /** True where the admission policy names this account. */
  knowsAccount: boolean
  /** True where the account may impersonate people. */
  impersonates: boolean
  /** True where the account's token is accepted. */
  isAuthorized: boolean
  /** Milliseconds by which the server's clock is ahead. */
  aheadMs: number
  /** Returns why the admission policy refuses a pod. */
  refusePod: (pod: KubernetesObject) => string | undefined
}

export type FakeKubernetes = { state: KubernetesState; url: string; close: () => Promise<void> }

/** Returns the state of a cluster in which nothing is missing but the admission policy. */
function newKubernetes(): KubernetesState {
  return {
    minor: 34,
    nodes: [{ name: 'node001', os: 'linux', architecture: 'amd64' }],
    namespaces: new Map([['retina-chatops', { 'pod-security.kubernetes.io/enforce': 'privileged' }]]),
    policies: [],
    denied: new Set(),
    knowsAccount: true,
    impersonates: true,
    isAuthorized: true,
    aheadMs: 0,
    refusePod: () => undefined,
  }
}

type Answer = { status: number; body: object }

const status = (code: number, reason: string, message: string): Answer => ({
  status: code,
  body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message },
})
const notFound = (what: string) => status(404, 'NotFound', `${what} not found`)

/** Starts a stand-in for an API server on loopback: reviews of rights, nodes, namespaces, admission policies, dry runs of pods. */
export async function startFakeKubernetes(state: KubernetesState = newKubernetes()): Promise<FakeKubernetes> {
  const server = createServer((request, response) => {
    handle(state, request, response).catch((error: unknown) => response.writeHead(500).end(String(error)))
  })
  const port = await listenOnLoopback(server)
  return {
    state,
    url: `http://127.0.0.1:${port}`,
    close: () => closeServer(server),
  }
}

async function handle(state: KubernetesState, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let text = ''
  for await (const part of request) text += String(part)
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const body = text === '' ? {} : (JSON.parse(text) as KubernetesObject)
  const answer = answerTo(state, `${request.method} ${pathname}`, body, request, searchParams)
  const date = new Date(Date.now() + state.aheadMs).toUTCString()
  response.writeHead(answer.status, { 'content-type': 'application/json', date }).end(JSON.stringify(answer.body))
}

function answerTo(
  state: KubernetesState,
  what: string,
  body: KubernetesObject,
  request: IncomingMessage,
  query: URLSearchParams,
): Answer {
  const { minor } = state
  if (what === 'GET /version')
    return { status: 200, body: { major: '1', minor: String(minor), gitVersion: `v1.${minor}.0` } }
  if (!state.isAuthorized) return status(401, 'Unauthorized', 'Unauthorized')
  const isImpersonating = request.headers['impersonate-user'] !== undefined
  if (isImpersonating && !state.impersonates)
    return status(
      403,
      'Forbidden',
      'users "retina-chatops:probe" is forbidden: User "bot" cannot impersonate resource "users"',
    )
  if (what === 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews')
    return review(state, body as Review, isImpersonating)
  if (what === 'GET /api/v1/nodes') return { status: 200, body: { kind: 'NodeList', items: state.nodes.map(nodeOf) } }
  const [, namespace] = /^GET \/api\/v1\/namespaces\/([^/]+)$/.exec(what) ?? []
  if (namespace !== undefined) return readNamespace(state, namespace)
  const [, plural = '', name] = /^GET \/apis\/admissionregistration\.k8s\.io\/v1\/(\w+)\/([^/]+)$/.exec(what) ?? []
  if (name !== undefined) return readPolicy(state, plural, name)
  if (/^POST \/api\/v1\/namespaces\/[^/]+\/pods$/.test(what)) return createPod(state, body, query)
  return notFound(what)
}

type Review = KubernetesObject & {
  spec?: { resourceAttributes?: { verb: string; resource: string; subresource?: string } }
}

function review(state: KubernetesState, body: Review, isImpersonating: boolean): Answer {
  const { verb = '', resource = '', subresource } = body.spec?.resourceAttributes ?? {}
  const right = `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`
  const allowed = isImpersonating || !state.denied.has(right)
  return { status: 201, body: { kind: 'SelfSubjectAccessReview', spec: body.spec, status: { allowed } } }
}

function nodeOf({ name, os, architecture, osImage = 'Debian GNU/Linux', labels = {} }: Node): object {
  const metadata = { name, labels: { 'kubernetes.io/os': os, 'kubernetes.io/arch': architecture, ...labels } }
  return { metadata, status: { nodeInfo: { operatingSystem: os, architecture, osImage } } }
}

function readNamespace(state: KubernetesState, name: string): Answer {
  const labels = state.namespaces.get(name)
  if (state.denied.has('get namespaces')) return status(403, 'Forbidden', 'User "bot" cannot get resource "namespaces"')
  return labels === undefined ? notFound(`namespaces "${name}"`) : { status: 200, body: { metadata: { name, labels } } }
}

const kinds: Record<string, string> = {
  validatingadmissionpolicies: 'ValidatingAdmissionPolicy',
  validatingadmissionpolicybindings: 'ValidatingAdmissionPolicyBinding',
}

function readPolicy(state: KubernetesState, plural: string, name: string): Answer {
  if (state.denied.has(`get ${plural}`)) return status(403, 'Forbidden', `User "bot" cannot get resource "${plural}"`)
  const found = state.policies.find((each) => each.kind === kinds[plural] && each.metadata?.name === name)
  return found === undefined ? notFound(`${plural} "${name}"`) : { status: 200, body: withDefaults(found) }
}

/** Fills in what an API server fills in. */
function withDefaults(policy: KubernetesObject): KubernetesObject {
  const spec = { ...(policy['spec'] as Record<string, unknown>) }
  if (policy.kind === 'ValidatingAdmissionPolicy') {
    const constraints = { namespaceSelector: {}, objectSelector: {}, matchPolicy: 'Equivalent' }
    spec['matchConstraints'] = { ...constraints, ...(spec['matchConstraints'] as object) }
  }
  return {
    ...policy,
    metadata: { ...policy.metadata, uid: 'a', resourceVersion: '1' },
    spec,
  }
}

function createPod(state: KubernetesState, pod: KubernetesObject, query: URLSearchParams): Answer {
  if (query.get('dryRun') !== 'All') return status(405, 'MethodNotAllowed', 'this stand-in only knows dry runs')
  const isProof = pod.metadata?.name === 'retina-policyproofs'
  const denial = (why: string) =>
    status(
      422,
      'Invalid',
      `ValidatingAdmissionPolicy 'retina-chatops' with binding 'retina-chatops' denied request: retina-chatops: ${why}`,
    )
  if (state.policies.length === 0) return { status: 201, body: pod }
  if (isProof)
    return denial(state.knowsAccount ? 'this account is held to the admission policy' : 'a pod that restarts')
  const why = state.refusePod(pod)
  return why === undefined ? { status: 201, body: pod } : denial(why)
}
