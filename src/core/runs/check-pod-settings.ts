/** Resources that an owner may set for debug pods. */
export const resourceNames = ['cpu', 'memory', 'ephemeral-storage'] as const
export type ResourceList = Partial<Record<(typeof resourceNames)[number], string>>
export type Resources = { requests?: ResourceList; limits?: ResourceList }

const suffixes = new Map<string, number>([
  ['', 1],
  ...['n', 'u', 'm'].map((suffix, at) => [suffix, 10 ** (3 * at - 9)] as const),
  ...['k', 'M', 'G', 'T', 'P', 'E'].map((suffix, at) => [suffix, 10 ** (3 * at + 3)] as const),
  ...['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'].map((suffix, at) => [suffix, 2 ** (10 * at + 10)] as const),
])

/** Parses a quantity of Kubernetes (`500m`, `256Mi`, `1e3`); undefined for any other text. Source: "Quantity". */
export function parseQuantity(text: string): number | undefined {
  const [, number, exponent, suffix = ''] =
    /^(\d{1,18}(?:\.\d{0,9})?)(?:[eE]([+-]?\d{1,2})|([A-Za-z]{1,2}))?$/.exec(text) ?? []
  const factor = exponent === undefined ? suffixes.get(suffix) : 10 ** Number(exponent)
  return number === undefined || factor === undefined ? undefined : Number(number) * factor
}

/** Returns the largest of these quantities; the first where none can be read. */
export function largestQuantity(first: string, ...others: readonly (string | undefined)[]): string {
  const isLarger = (one: string, other: string) => (parseQuantity(one) ?? 0) > (parseQuantity(other) ?? 0)
  return others.reduce<string>((most, each) => (each !== undefined && isLarger(each, most) ? each : most), first)
}

const nameForm = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/
const prefixForm = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/

/** Returns true for a key of labels and annotations. Source: Kubernetes, "Labels and Selectors", "Syntax". */
function isQualifiedName(key: string): boolean {
  const [name, prefix, ...rest] = key.split('/').toReversed()
  if (name === undefined || rest.length > 0 || !nameForm.test(name)) return false
  return prefix === undefined || (prefix.length <= 253 && prefixForm.test(prefix))
}

/** Keys that the program sets itself. */
const ownKeys = ['app.kubernetes.io/managed-by', 'app.kubernetes.io/name']
const ownPrefix = 'retina-chatops.io/'

/** Beginnings of annotations that take a container's confinement off. Source: Kubernetes, "Pod Security Standards". */
const confinementPrefixes = [
  'container.apparmor.security.beta.kubernetes.io/',
  'container.seccomp.security.alpha.kubernetes.io/',
  'seccomp.security.alpha.kubernetes.io/',
]

/** Returns why debug pods can't have this label; undefined where they can. */
export function findLabelMistake(key: string, value: string): string | undefined {
  if (value !== '' && !nameForm.test(value))
    return `"${value}" is no value of a label; use at most 63 letters, digits, "-", "_" and "."`
  return findKeyMistake(key, 'a label')
}

/** Returns why debug pods can't have this annotation; undefined where they can. */
export function findAnnotationMistake(key: string): string | undefined {
  if (confinementPrefixes.some((prefix) => key.startsWith(prefix)))
    return `"${key}" sets the confinement of every debug pod; give "unconfined" to a capability set instead`
  return findKeyMistake(key, 'an annotation')
}

function findKeyMistake(key: string, what: string): string | undefined {
  if (!isQualifiedName(key))
    return `"${key}" is no key of ${what}; use a name, or DOMAIN/NAME, as sidecar.istio.io/inject`
  if (ownKeys.includes(key) || key.startsWith(ownPrefix)) return `"${key}" is set by the program itself; remove it`
  return undefined
}
