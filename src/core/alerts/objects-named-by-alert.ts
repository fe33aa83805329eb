import { isLabelName, isObjectName } from '#core/request/target'
import type { Alert } from './alert.ts'

/** Names in an alert that may be those of objects, from its labels, and from words of its sentences. */
export type AlertNames = {
  /** What the label `cluster` says. */
  cluster?: string
  nodes: readonly string[]
  /** Names or addresses of nodes, from `instance`, without the port. */
  instances: readonly string[]
  namespaces: readonly string[]
  pods: readonly string[]
  services: readonly string[]
  /** Words of the sentences; `NAMESPACE/NAME` stays one word. */
  words: readonly string[]
}

const nodeLabels = ['node', 'nodename', 'kubernetes_node', 'exported_node', 'host', 'hostname']
const namespaceLabels = ['namespace', 'exported_namespace', 'kubernetes_namespace']
const podLabels = ['pod', 'pod_name', 'exported_pod', 'kubernetes_pod_name']
const serviceLabels = ['service', 'exported_service', 'service_name']

/** Largest number of words that are compared with names. */
const maxWords = 500

/** Returns the names of an alert. A value that no object can have as its name is none. */
export function namesOfAlert({ name, labels, texts }: Pick<Alert, 'name' | 'labels' | 'texts'>): AlertNames {
  const valuesOf = (keys: readonly string[], isName: (text: string) => boolean) => [
    ...new Set(keys.flatMap((key) => (Object.hasOwn(labels, key) ? [labels[key] ?? ''] : [])).filter(isName)),
  ]
  const [cluster] = valuesOf(['cluster'], (text) => text !== '')
  return {
    ...(cluster === undefined ? {} : { cluster }),
    nodes: valuesOf(nodeLabels, isObjectName),
    instances: valuesOf(['instance'], (text) => text !== '').flatMap(hostOf),
    namespaces: valuesOf(namespaceLabels, isLabelName),
    pods: valuesOf(podLabels, isObjectName),
    services: valuesOf(serviceLabels, isLabelName),
    words: wordsOf([name, ...texts, ...Object.values(labels)]),
  }
}

/** Returns the host of `HOST:PORT`. */
function hostOf(instance: string): string[] {
  const host = instance.replace(/:\d{1,5}$/, '').replace(/^\[(.*)\]$/, '$1')
  return isObjectName(host) || /^[0-9a-f:]{2,45}$/.test(host) ? [host] : []
}

/** Returns the words of texts that may be names: `NAME`, or `NAMESPACE/NAME`. */
function wordsOf(texts: readonly string[]): string[] {
  const all = texts.flatMap((text) => text.toLowerCase().split(/[^a-z0-9./-]+/))
  const trimmed = all.map(withoutMarks)
  const names = trimmed.filter((word) => {
    const parts = word.split('/')
    return parts.length <= 2 && parts.every(isObjectName)
  })
  return [...new Set(names)].slice(0, maxWords)
}

const marks: ReadonlySet<string> = new Set('./-')

/** Returns a word without the marks at its start and end. */
function withoutMarks(word: string): string {
  let [start, end] = [0, word.length]
  while (start < end && marks.has(word.charAt(start))) start += 1
  while (end > start && marks.has(word.charAt(end - 1))) end -= 1
  return word.slice(start, end)
}
