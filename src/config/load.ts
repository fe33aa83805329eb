import { readFileSync } from 'node:fs'
import { closest } from 'fastest-levenshtein'
import type { z } from 'zod'
import type { AlertRules } from '#core/alerts/alert'
import type { OutputPlaces } from '#core/messages/thread-or-channel'
import { type Platform, platformNames, platforms } from '#core/people/platforms'
import type { Policy } from '#core/policy/policy'
import { defined } from '#core/util/defined'
import { errorMessage } from '#core/util/error-message'
import { type Path, readYaml, type Source, type SourcePosition } from '#src/yaml/positions'
import { alertSecretsOf, checkAlertSecrets } from './alert-secrets.ts'
import type { Names } from './capability-sets.ts'
import { type Chats, chatSecrets, toChats, toOutputPlaces } from './chats.ts'
import { checkAlerts, toAlertRules } from './check-alerts.ts'
import { type ProxySettings, toProxy } from './proxy.ts'
import { type File, fileSchema } from './schema.ts'
import { type ConfiguredImage, toImage } from './shell-image.ts'
import { toPolicy } from './to-policy.ts'
import { type ShellSettings, toShellSettings } from './to-shell-settings.ts'

/** Mistake or warning at a position of the file. */
export type Remark = SourcePosition & { message: string }

/** Keys of the file that the configuration has in another form. */
type OtherKeys = 'capabilitySets' | 'grants' | 'shell' | 'health' | 'proxy' | 'playbooks' | 'alerts' | Platform

/** Validated configuration from `retina.yaml` and the environment. Times in seconds. */
export type Config = Omit<File, OtherKeys> &
  Chats & {
    policy: Policy
    outputPlaces: OutputPlaces
    alerts: AlertRules
    shell: ShellSettings & { image: ConfiguredImage }
    defaultCluster: string
    /** Files with playbooks, each pattern with its place in the file. They are read later. */
    playbooks: readonly (SourcePosition & { pattern: string })[]
    /** Proxies of requests that leave the cluster. */
    proxy?: ProxySettings
    /** Where health and metrics are served. */
    health: { host: string; port: number }
    /** Secrets, which are read from the environment only (T39). */
    secrets: { [S in keyof typeof secretVariables]?: string } & {
      /** Keys that sign what is stored: the first one signs, the others are accepted too. */
      sealKeys?: readonly string[]
      /** Secrets of senders of alerts, by name: the present one, and the one that it replaces. */
      alerts: Readonly<Record<string, readonly string[]>>
      /** Tokens of the REST API of senders, by name. */
      alertTokens: Readonly<Record<string, string>>
    }
  }

const secretVariables = { ...chatSecrets, entraClientSecret: 'ENTRA_CLIENT_SECRET' } as const

export type Loaded = { config: Config; warnings: readonly Remark[] } | { mistakes: readonly Remark[] }

export type Environment = Readonly<Record<string, string | undefined>>

/** Reads and validates the file. Reports all mistakes at once; an unreadable file is a mistake too. Never throws. */
export function loadConfig(file: string, env: Environment, names: Names): Loaded {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const message = `can't be read: ${errorMessage(error)}`
    return { mistakes: [{ line: 1, column: 1, message }] }
  }
  return parseConfig(text, env, names)
}

/** Validates the text of the file, as `loadConfig` does. */
export function parseConfig(text: string, env: Environment, names: Names): Loaded {
  const source = readYaml(text)
  if (source.mistakes.length > 0) return { mistakes: source.mistakes }
  if (source.value === null || source.value === undefined) {
    return { mistakes: [{ line: 1, column: 1, message: 'the file is empty; it needs at least "clusters"' }] }
  }
  const read = fileSchema.safeParse(source.value)
  if (!read.success)
    return { mistakes: read.error.issues.flatMap((issue) => toRemarks(issue, source)).toSorted(comparePositions) }
  const mistakes: Remark[] = []
  const warnings: Remark[] = []
  const mistake = (path: Path, message: string) => void mistakes.push({ ...source.at(path), message })
  const warning = (path: Path, message: string) => void warnings.push({ ...source.at(path), message })
  checkClusters(read.data, mistake)
  for (const name of platformNames.filter((each) => platforms[each].inEntra)) {
    if (read.data[name] !== undefined && read.data.directory.entra === undefined)
      mistake([name], `${platforms[name].name} needs directory.entra, where its people are looked up`)
  }
  if (sharesPort(read.data)) {
    mistake(['health'], "health and metrics need a port of their own, which webhooks' clients don't reach")
  }
  for (const [name, members] of Object.entries(read.data.groups)) {
    checkMembers(name, members, mistake)
  }
  checkPeople(read.data, mistake)
  checkSealKeys(env, mistake)
  const policy = toPolicy(read.data, names, mistake, warning)
  const image = toImage(read.data, env, mistake, warning)
  const shell = toShellSettings(read.data.shell, mistake, warning)
  const proxy = toProxy(read.data, env, mistake, warning)
  const playbooks = toPlaybookPatterns(read.data, source)
  checkClusterProxies(read.data, proxy, mistake)
  checkAlerts(read.data, policy, names.now, mistake)
  checkAlertSecrets(read.data, env, mistake)
  if (mistakes.length > 0 || image === undefined) return { mistakes: mistakes.toSorted(comparePositions) }
  return {
    config: toConfig(read.data, policy, { shell: { ...shell, image }, playbooks, ...defined({ proxy }) }, env),
    warnings: warnings.toSorted(comparePositions),
  }
}

/** Minimum length of the key that signs runs, in characters: 192 bits in base64, 128 bits in hexadecimal. */
const minKeyLength = 32

function comparePositions(one: SourcePosition, other: SourcePosition): number {
  return one.line - other.line || one.column - other.column
}

/** Returns a remark in the format of compilers: `file:line:column: message`. */
export function remarkText(file: string, { line, column, message }: Remark): string {
  return `${file}:${line}:${column}: ${message}`
}

function toPlaybookPatterns({ playbooks = [] }: File, source: Source): Config['playbooks'] {
  if (typeof playbooks === 'string') return [{ pattern: playbooks, ...source.at(['playbooks']) }]
  return playbooks.map((pattern, index) => ({ pattern, ...source.at(['playbooks', index]) }))
}

type Derived = Pick<Config, 'shell' | 'playbooks' | 'proxy'>

function toConfig(file: File, policy: Policy, derived: Derived, env: Environment): Config {
  const { capabilitySets: _sets, grants: _grants, shell: _shell, proxy: _proxy, playbooks: _playbooks, ...rest } = file
  const sealKeys = sealKeysOf(env)
  return {
    // The settings of chats are replaced below.
    ...(rest as Omit<typeof rest, Platform>),
    redis: { url: env['REDIS_URL'] || file.redis.url },
    health: healthOf(file),
    ...derived,
    policy,
    outputPlaces: toOutputPlaces(file),
    alerts: toAlertRules(file.alerts),
    ...toChats(file),
    defaultCluster: (file.clusters.find((each) => each.default) ?? file.clusters[0])?.name ?? '',
    secrets: { ...secretsOf(env), ...alertSecretsOf(file, env), ...(sealKeys.length === 0 ? {} : { sealKeys }) },
  }
}

function secretsOf(env: Environment): Omit<Config['secrets'], 'sealKeys' | 'alerts' | 'alertTokens'> {
  const all = Object.entries(secretVariables).map(([name, variable]) => [name, env[variable]] as const)
  return Object.fromEntries(all.filter(([, value]) => value))
}

/** Returns the keys that sign what is stored, the one that signs first. */
function sealKeysOf(env: Environment): string[] {
  const also = (env['RETINA_SEAL_KEY_ALSO'] ?? '').split(/[\s,]+/)
  return [...new Set([env['RETINA_SEAL_KEY'] ?? '', ...also])].filter((key) => key !== '')
}

function checkSealKeys(env: Environment, mistake: (path: Path, message: string) => void): void {
  if (!env['RETINA_SEAL_KEY'] && env['RETINA_SEAL_KEY_ALSO'])
    mistake([], 'RETINA_SEAL_KEY_ALSO is set without RETINA_SEAL_KEY, which signs; set both')
  if (sealKeysOf(env).some((key) => key.length < minKeyLength))
    mistake([], `RETINA_SEAL_KEY, and each key of RETINA_SEAL_KEY_ALSO, must have at least ${minKeyLength} characters`)
}

/** Default port of health and metrics. */
const healthPort = 8_082

/** Returns where health and metrics are served: the host of webhooks and a port of their own, any free one where webhooks' port is. */
function healthOf({ health, http }: Pick<File, 'health' | 'http'>): Config['health'] {
  return { host: health.host ?? http.host, port: health.port ?? (http.port === 0 ? 0 : healthPort) }
}

/** Returns true where health and metrics would be served on the port of webhooks or of the web chat. */
function sharesPort(file: File): boolean {
  const { port } = healthOf(file)
  return port !== 0 && [file.http.port, file.web?.port].includes(port)
}

function checkClusters(file: File, mistake: (path: Path, message: string) => void): void {
  for (const [index, cluster] of file.clusters.entries()) {
    if (file.clusters.findIndex((each) => each.name === cluster.name) < index) {
      mistake(['clusters', index, 'name'], `there are two clusters named "${cluster.name}"`)
    }
    if (cluster.default && file.clusters.findIndex((each) => each.default) < index) {
      mistake(['clusters', index, 'default'], 'only one cluster can be the default')
    }
    if (cluster.inCluster && (cluster.context !== undefined || cluster.kubeconfig !== undefined)) {
      mistake(['clusters', index], '"inCluster" uses the pod\'s own account; remove "context" and "kubeconfig"')
    }
  }
}

function checkClusterProxies(
  file: File,
  proxy: ProxySettings | undefined,
  mistake: (path: Path, message: string) => void,
) {
  for (const [index, cluster] of file.clusters.entries()) {
    if (cluster.proxy && proxy?.https === undefined)
      mistake(['clusters', index, 'proxy'], 'there is no proxy; set "proxy: { https: URL }" or HTTPS_PROXY')
  }
}

function checkMembers(name: string, members: readonly string[], mistake: (path: Path, message: string) => void): void {
  for (const [index, member] of members.entries()) {
    if (member === '*')
      mistake(['groups', name, index], '"*" is allowed only in a grant\'s "to"; list the members of the group')
  }
}

/** Reports people that aren't e-mail addresses, and accounts that belong to more than one person. */
function checkPeople({ directory }: File, mistake: (path: Path, message: string) => void): void {
  const owners = new Map<string, string>()
  for (const [person, accounts] of Object.entries(directory.people)) {
    if (!/^[^\s@:]+@[^\s@:]+$/.test(person))
      mistake(['directory', 'people', person], `"${person}" is not an e-mail address`)
    for (const [index, account] of accounts.entries()) {
      const owner = owners.get(account.toLowerCase())
      if (owner !== undefined) {
        mistake(['directory', 'people', person, index], `"${account}" already belongs to ${owner}`)
      }
      owners.set(account.toLowerCase(), person)
    }
  }
}

const secretKeys = /token|secret|password/i

function toRemarks(issue: z.core.$ZodIssue, source: Source): Remark[] {
  const alternative = issue.code === 'invalid_union' ? nearestAlternative(issue) : []
  if (alternative.length > 0) return alternative.flatMap((each) => toRemarks(each, source))
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ ...source.atKey(issue.path, key), message: describeUnknownKey(key, issue.path) }))
  }
  const where = issue.path.length === 0 ? 'the file' : `"${issue.path.map(String).join('.')}"`
  return [{ ...source.at(issue.path), message: issue.code === 'custom' ? issue.message : `${where}: ${issue.message}` }]
}

/** Returns the issues of the alternative of a union that was probably meant: one that fails inside, not by its type. */
function nearestAlternative({ errors, path }: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue[] {
  const isInside = (issues: readonly z.core.$ZodIssue[]) =>
    issues.some((each) => each.path.length > 0 || each.code === 'unrecognized_keys' || each.code === 'custom')
  return (errors.find(isInside) ?? []).map((each) => ({ ...each, path: [...path, ...each.path] }))
}

function describeUnknownKey(key: string, path: Path): string {
  if (secretKeys.test(key)) return `"${key}": secrets are read only from the environment, never from this file`
  const known = findKeysAt(path)
  const suggestion = known.length === 0 ? '' : `; did you mean "${closest(key, known)}"?`
  return `there is no "${key}" here${suggestion}`
}

/** Returns the keys that the schema permits at a path. */
function findKeysAt(path: Path): string[] {
  let schema: unknown = fileSchema
  for (const part of [...path, undefined]) {
    while (isWrapped(schema)) schema = schema.def.innerType
    if (part === undefined) break
    schema = findInnerSchema(schema, String(part))
  }
  return hasShape(schema) ? Object.keys(schema.shape) : []
}

function findInnerSchema(schema: unknown, key: string): unknown {
  if (hasShape(schema)) return schema.shape[key]
  const def = typeof schema === 'object' && schema !== null && 'def' in schema ? schema.def : undefined
  if (typeof def !== 'object' || def === null) return undefined
  if ('element' in def) return def.element
  if ('options' in def && Array.isArray(def.options))
    return def.options.map((each) => findInnerSchema(each, key)).find((each) => each !== undefined)
  return 'valueType' in def ? def.valueType : undefined
}

function isWrapped(schema: unknown): schema is { def: { innerType: unknown } } {
  return (
    typeof schema === 'object' &&
    schema !== null &&
    'def' in schema &&
    typeof schema.def === 'object' &&
    schema.def !== null &&
    'innerType' in schema.def
  )
}

function hasShape(schema: unknown): schema is { shape: Record<string, unknown> } {
  return typeof schema === 'object' && schema !== null && 'shape' in schema
}
