import { z } from 'zod'
import { alertDescriptions } from './alert-settings-schema.ts'
import { chatDescriptions } from './chats.ts'
import { policyTestsSchema } from './policy-tests-schema.ts'
import { fileSchema } from './schema.ts'

type JsonSchema = { [key: string]: unknown }

/** What editors show for the keys of `retina.yaml`, by path; `*` is any name or index. */
const configDescriptions: Readonly<Record<string, string>> = {
  clusters: 'Clusters that people can debug: each by a context of a kubeconfig, or the one that the program runs in.',
  'clusters.*.inCluster': "True uses the pod's own account.",
  'clusters.*.impersonate': 'Whether the bot acts for people: where it may (auto), always (required), or never.',
  'clusters.*.admissionPolicy': 'required: not ready where the admission policy is not in force; auto: says so; off.',
  'clusters.*.proxy': "True reaches the cluster's API through the HTTP proxy.",
  shell: 'Debug containers: their image, namespace, limits and reuse.',
  'shell.image': 'RETINA_SHELL_IMAGE_REPO, RETINA_SHELL_IMAGE_VERSION and RETINA_SHELL_IMAGE_DIGEST win over this.',
  'shell.pin': 'How a tag becomes a digest: asked of the registry, only the configured one, or not at all.',
  'shell.namespace': 'Namespace in which debug pods of nodes are made.',
  'shell.masked': "Folders that are shown empty in a read-only mount of a node's disk.",
  'shell.imagePullSecrets': "Names of secrets with which debug pods' images are pulled.",
  'shell.priorityClassName': 'Priority class of debug pods.',
  'shell.resources': 'Requests and limits of debug pods.',
  'shell.labels': "Further labels of debug pods, as those that keep a service mesh's sidecar out.",
  'shell.annotations': 'Further annotations of debug pods; values are texts, in quotes.',
  'shell.pullSecrets': 'The earlier name of imagePullSecrets.',
  'shell.priorityClass': 'The earlier name of priorityClassName.',
  'shell.timeout': 'Time for a pod to start: 90s, 10m or 1h30m.',
  'shell.deadline': 'Time for a tool to finish: 90s, 10m or 1h30m.',
  'shell.keep': "How long the debug pod of a node stays ready for the same person's next run; off for never.",
  'shell.keepInPods': "How long the container in somebody's pod stays ready; off for never.",
  capabilitySets: 'What people can be given. One set has to cover a whole request; sets are never put together.',
  'capabilitySets.*.extends': 'Sets of which this one has all that they have.',
  'capabilitySets.*.tools': "Names of tools, or arguments of one, as `curl -L`; ['*'] for all.",
  'capabilitySets.*.capabilities': 'Linux capabilities that a request may have.',
  'capabilitySets.*.host': "The node's disk and processes.",
  'capabilitySets.*.effect': 'write also allows what changes something, or what is not known to be reading.',
  'capabilitySets.*.maxDeadline': 'Longest time for a tool: 90s, 10m or 1h30m.',
  'capabilitySets.*.deny': 'Destinations that tools may not be pointed at.',
  'capabilitySets.*.keep': 'off: containers are not reused after these runs.',
  'capabilitySets.*.approval': 'Another person has to approve each request.',
  'capabilitySets.*.terminal':
    'shell: the set gives interactive shells, which have all its rights; none is the default.',
  'capabilitySets.*.maxSession': 'Longest time for a shell: 90s, 10m or 1h30m; 1h if left out.',
  'capabilitySets.*.idle': 'Time without a key or output after which a shell ends; 10m if left out.',
  'capabilitySets.*.recordInput': 'Whether the lines that are typed into a shell are recorded; none if left out.',
  'capabilitySets.*.maxRecording': 'Bytes of a recording after which the shell ends; 64 MiB if left out.',
  'capabilitySets.*.retention': 'How long recordings of shells are kept; 720h if left out.',
  'capabilitySets.*.recordings': 'raw: recordings of others on these targets may be replayed, as they were shown.',
  groups: 'Groups of people: e-mail addresses, or users and groups of a chat.',
  directory: 'Who people are: accounts of one person, guests who are served, Microsoft Entra.',
  grants: 'Who gets which sets, on which targets. Nothing is allowed unless a grant allows it.',
  'grants.*.to': 'E-mail addresses, group:NAME, or users, user groups and channels of a chat.',
  'grants.*.on': 'Nodes, or namespaces and pods, by name with * or by label.',
  'grants.*.in': 'Channels in which the grant is valid; left out, all.',
  'grants.*.until': 'Time at which the grant ends: 2027-01-31T00:00:00Z.',
  deny: 'Destinations that no tool may be pointed at, whatever its set.',
  redact: 'Expressions (RE2) whose matches are hidden in output.',
  playbooks:
    'Files with playbooks of your own for triage, from the folder of this file: ./playbooks/*.yaml. They are read again when they change.',
  contact: 'Whom to ask for more rights; stands in refusals.',
  paused: 'The reason of a pause: no new runs, and open ones are ended, until it is removed.',
  pages: 'Where browsers reach the bot, for pages of runs.',
  confirm: 'Where browsers reach the bot, for passkeys that confirm approvals; https, except on this machine.',
  terminal: 'Where browsers reach interactive shells; https, except on this machine.',
  redis: 'REDIS_URL wins over this.',
  http: 'Address of webhooks and pages.',
  health: 'Address of health and metrics, for Kubernetes and Prometheus alone.',
  proxy: 'HTTP proxy for Slack, Teams, Entra, registries and OTLP. HTTPS_PROXY, HTTP_PROXY and NO_PROXY win over this.',
  caFile: 'File with certificates (PEM) that are trusted besides the usual ones.',
  ...chatDescriptions,
  ...alertDescriptions,
  limits: 'Numbers of runs, commands and targets.',
  log: 'Log lines are JSON on standard error.',
}

const testsDescriptions: Readonly<Record<string, string>> = {
  policy: 'Path of the policy, from this file; left out, retina.yaml beside it.',
  cases: 'Each is decided as the bot would; `retina-chatops policy test` compares.',
  'cases.*.as': 'E-mail address of the person, or their account: slack:user/TEAM/USER.',
  'cases.*.groups': 'Groups that the chat says they are in: slack:usergroup/S0LEADS.',
  'cases.*.in': 'Channel: slack:channel/C0INCIDENT.',
  'cases.*.labels': "The target's labels: pool=web,zone=a.",
  'cases.*.at': 'Time of the request; left out, now.',
  'cases.*.run': 'The command as it is typed in chat.',
  'cases.*.set': 'Set that has to allow it.',
  'cases.*.reason': 'Reason for which it has to be denied.',
}

/** Returns the JSON Schema of `retina.yaml`, as editors and CI use it. */
export function configJsonSchema(): JsonSchema {
  return describe(toJsonSchema(fileSchema, 'retina.yaml of Retina ChatOps'), configDescriptions)
}

/** Returns the JSON Schema of a file with tests of a policy. */
export function policyTestsJsonSchema(): JsonSchema {
  return describe(toJsonSchema(policyTestsSchema, 'Tests of a policy of Retina ChatOps'), testsDescriptions)
}

function toJsonSchema(schema: z.ZodType, title: string): JsonSchema {
  const made = z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    // YAML has times of its own, which editors check as strings.
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === 'date') Object.assign(jsonSchema, { type: 'string', format: 'date-time' })
    },
  })
  return { title, ...made }
}

/** Adds descriptions to the schemas at their paths. Throws for a path that the schema doesn't have. */
function describe(schema: JsonSchema, descriptions: Readonly<Record<string, string>>): JsonSchema {
  for (const [path, description] of Object.entries(descriptions)) {
    const at = path.split('.').reduce<JsonSchema | undefined>(stepInto, schema)
    if (at === undefined) throw new Error(`the schema has no ${path}`)
    at['description'] = description
  }
  return schema
}

function stepInto(schema: JsonSchema | undefined, key: string): JsonSchema | undefined {
  const properties = asSchema(schema?.['properties'])
  return key === '*'
    ? (asSchema(schema?.['items']) ?? asSchema(schema?.['additionalProperties']))
    : asSchema(properties?.[key])
}

function asSchema(value: unknown): JsonSchema | undefined {
  return typeof value === 'object' && value !== null ? (value as JsonSchema) : undefined
}
