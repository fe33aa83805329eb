import { z } from 'zod'
import { compileOwnerPattern } from '#core/output/custom-redaction-pattern'
import { channelPattern, listedAccountPattern } from '#core/people/platforms'
import type { ApprovalRule } from '#core/policy/policy'
import { digestForm } from '#core/request/image'
import { isObjectName } from '#core/request/target'
import { parseUidRange } from '#core/runs/uid-range'
import { defined } from '#core/util/defined'
import { alertSettings } from './alert-settings-schema.ts'
import { chatSettings } from './chats.ts'
import { guid, pageUrl, port, secureUrl, strings } from './fields.ts'

/** Parses `90`, `90s`, `10m` or `1h30m` to seconds; undefined for any other value, and for 0. */
function parseSeconds(text: string | number): number | undefined {
  if (typeof text === 'number') return Number.isInteger(text) && text > 0 ? text : undefined
  const match = /^(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s?)?$/.exec(text.trim())
  if (match === null || text.trim() === '') return undefined
  const [, hours = 0, minutes = 0, seconds = 0] = match
  const total = Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)
  return total > 0 ? total : undefined
}

const duration = z.union([z.string(), z.number()]).transform((text, context) => {
  const seconds = parseSeconds(text)
  if (seconds !== undefined) return seconds
  context.addIssue({ code: 'custom', message: `"${text}" is not a valid duration; use 90s, 10m or 1h30m` })
  return z.NEVER
})

/** `off`, `0` or `false`, which become 0 seconds: no reuse of containers. */
const offSeconds = z.union([z.literal('off'), z.literal(0), z.literal(false)]).transform(() => 0)

const objectName = z.string().refine(isObjectName, {
  error: ({ input }) => `"${input}" is no name of a Kubernetes object; use lower-case letters, digits, "-" and "."`,
})

const uidRange = z.string().transform((text, context) => {
  const range = parseUidRange(text)
  if (!('mistake' in range)) return range
  context.addIssue({ code: 'custom', message: range.mistake })
  return z.NEVER
})

/** Expression whose matches are hidden in output. */
const redactPattern = z
  .string()
  .min(1)
  .superRefine((source, context) => {
    const pattern = compileOwnerPattern(source)
    if (!('mistake' in pattern)) return
    const why = `"${source}" ${pattern.mistake}; an expression here is one that RE2 accepts, without look-ahead and back references`
    context.addIssue({ code: 'custom', message: why })
  })

const cluster = z.strictObject({
  name: z.string().min(1),
  context: z.string().optional(),
  kubeconfig: z.string().optional(),
  inCluster: z.boolean().default(false),
  default: z.boolean().default(false),
  impersonate: z.enum(['auto', 'required', 'never']).default('auto'),
  admissionPolicy: z.enum(['auto', 'required', 'off']).default('auto'),
  proxy: z.boolean().default(false),
})

const image = z.strictObject({
  repo: z.string().min(1),
  version: z.string().regex(/^[^@]+$/, 'must be a tag; put a digest in "digest"'),
  digest: z.string().regex(digestForm, 'is not a valid digest; use sha256: and 64 hex digits').optional(),
})

/** Quantity of Kubernetes, whose form is checked later; YAML reads `1` as a number. */
const quantity = z.union([z.string(), z.number()]).transform(String)
const resourceList = z.strictObject({
  cpu: quantity.optional(),
  memory: quantity.optional(),
  'ephemeral-storage': quantity.optional(),
})

/** Texts by key. YAML reads `false` and `1` as other things than texts. */
const texts = z.record(z.string(), z.string('must be a text; put it in quotes, as "false"')).default({})

const shell = z.strictObject({
  image: image.optional(),
  pin: z.enum(['registry', 'digest', 'off']).default('registry'),
  registry: z.strictObject({ dockerConfig: z.string().min(1).optional(), insecure: strings.default([]) }).prefault({}),
  namespace: z.string().default('retina-chatops'),
  masked: z.array(z.string().regex(/^\/[\w./-]+$/, 'must be an absolute path')).default(['/run/containerd']),
  pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent'),
  imagePullSecrets: z.array(objectName).optional(),
  priorityClassName: objectName.optional(),
  resources: z.strictObject({ requests: resourceList.optional(), limits: resourceList.optional() }).optional(),
  labels: texts,
  annotations: texts,
  /** Earlier names of `imagePullSecrets` and `priorityClassName`. */
  pullSecrets: z.array(objectName).optional(),
  priorityClass: objectName.optional(),
  uidRange: uidRange.optional(),
  timeout: duration.default(30),
  deadline: duration.default(60),
  keep: z.union([offSeconds, duration]).default(300),
  keepInPods: z.union([offSeconds, duration]).default(1_800),
  maxOutputBytes: z.int().min(1_024).max(100_000_000).default(1_048_576),
})

const approval = z
  .strictObject({
    from: strings.min(1).optional(),
    quorum: z.union([z.int().min(1).max(20), strings.min(1).max(20)]).default(1),
    within: duration.default(900),
    reason: z.enum(['required', 'optional']).default('optional'),
    announce: z.string().regex(channelPattern, 'is not a valid channel; use slack:channel/C0APPROVE').optional(),
    window: duration.optional(),
    confirm: z.literal('passkey').optional(),
    breakGlass: strings.min(1).optional(),
  })
  .transform(({ from, announce, window, confirm, breakGlass, ...rule }, context): ApprovalRule => {
    const { quorum } = rule
    const approvers = from ?? (typeof quorum === 'number' ? [] : quorum)
    if (approvers.length === 0) context.addIssue({ code: 'custom', message: 'list the approvers in "from"' })
    return {
      ...rule,
      from: approvers,
      ...defined({ announce, window, confirm, breakGlass }),
    }
  })

/** What a set says of its shells; each key needs `terminal: shell`. */
const terminalSettings = {
  terminal: z.enum(['shell', 'none']).optional(),
  maxSession: duration.optional(),
  idle: duration.optional(),
  recordInput: z.enum(['none', 'lines']).optional(),
  maxRecording: z.int().min(65_536).max(1_073_741_824).optional(),
  retention: duration.optional(),
}

/** Right to replay others' sessions, as they were shown. */
const recordings = z.literal('raw').optional()

const capabilitySet = z.strictObject({
  extends: strings.default([]),
  tools: strings.default([]),
  capabilities: strings.default([]),
  host: z
    .strictObject({ filesystem: z.enum(['none', 'read-only', 'read-write']).optional(), pid: z.boolean().optional() })
    .optional(),
  effect: z.enum(['read', 'write']).optional(),
  unconfined: z.array(z.enum(['apparmor', 'seccomp'])).default([]),
  images: strings.default([]),
  maxDeadline: duration.optional(),
  deny: z.union([z.literal('unenforced').transform((word) => [word]), strings]).default([]),
  keep: z.union([z.literal('off'), z.literal(false)]).optional(),
  approval: z.union([z.literal('none'), approval]).optional(),
  ...terminalSettings,
  recordings,
})

const oneOrMore = z.union([z.string().min(1), strings.min(1)])

const target = z.strictObject({
  cluster: z.string().min(1).optional(),
  nodes: oneOrMore.optional(),
  namespaces: oneOrMore.optional(),
  pods: oneOrMore.optional(),
})

const grant = z.strictObject({
  to: strings.min(1),
  sets: strings.min(1),
  on: z.array(target).min(1),
  in: strings.min(1).optional(),
  until: z.union([z.string(), z.date()]).optional(),
})

const accountName = z
  .string()
  .regex(listedAccountPattern, 'is not a valid account; use slack:user/TEAM/USER or teams:user/TENANT/USER')
const directory = z.strictObject({
  people: z.record(z.string(), z.array(accountName).min(1)).default({}),
  outsiders: z.array(accountName).default([]),
  entra: z
    .strictObject({
      tenant: guid,
      clientId: guid,
      tenants: z.array(guid).default([]),
      address: z.enum(['userPrincipalName', 'mail']).default('userPrincipalName'),
      loginUrl: secureUrl.default('https://login.microsoftonline.com'),
      graphUrl: secureUrl.default('https://graph.microsoft.com'),
    })
    .optional(),
})

/** Schema of `retina.yaml`. References between names are checked later, in `toPolicy`. Durations in seconds. */
export const fileSchema = z.strictObject({
  clusters: z.array(cluster).min(1),
  shell: shell.prefault({}),
  capabilitySets: z.record(z.string(), capabilitySet).default({}),
  groups: z.record(z.string(), strings).default({}),
  directory: directory.prefault({}),
  grants: z.array(grant).default([]),
  deny: strings.default([]),
  redact: z.array(redactPattern).default([]),
  playbooks: oneOrMore.optional(),
  contact: z.string().optional(),
  paused: z.string('must be a text: the reason of the pause').min(1).max(500).optional(),
  pages: z.strictObject({ url: z.url({ protocol: /^https?$/ }) }).optional(),
  confirm: z.strictObject({ url: pageUrl('passkeys') }).optional(),
  terminal: z.strictObject({ url: pageUrl('the keys of shells') }).optional(),
  redis: z.strictObject({ url: z.string().default('redis://127.0.0.1:6379') }).prefault({}),
  http: z.strictObject({ host: z.string().default('0.0.0.0'), port: port.default(8_080) }).prefault({}),
  health: z.strictObject({ host: z.string().optional(), port: port.optional() }).prefault({}),
  proxy: z
    .strictObject({
      https: z.string().min(1).optional(),
      http: z.string().min(1).optional(),
      noProxy: strings.default([]),
    })
    .optional(),
  caFile: z.string().min(1).optional(),
  ...chatSettings,
  limits: z
    .strictObject({
      workerConcurrency: z.int().min(1).max(1_000).default(20),
      perNode: z.int().min(1).max(1_000).default(4),
      perCluster: z.int().min(1).max(100_000).default(100),
      queue: z.int().min(1).default(1_000),
      perPerson: z.int().min(1).max(10_000).default(30),
      perChannel: z.int().min(1).max(100_000).default(120),
      shellsPerPerson: z.int().min(1).max(1_000).default(5),
      shellsPerTarget: z.int().min(1).max(1_000).default(5),
      terminalConnections: z.int().min(1).max(100_000).default(500),
      artifacts: z
        .union([z.int().min(1_048_576), z.string().regex(/^[1-9]\d?%$/, 'is not a share of memory; use 25%, or bytes')])
        .default('25%'),
      fanOut: z
        .strictObject({
          most: z.int().min(1).max(10_000).default(200),
          confirmAbove: z.int().min(0).max(10_000).default(10),
        })
        .prefault({}),
    })
    .prefault({}),
  alerts: alertSettings.optional(),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']).default('info') }).prefault({}),
})

export type File = z.infer<typeof fileSchema>
