import type { Labels } from './target.ts'

/** One requirement of a label selector. Source: Kubernetes, "Labels and Selectors". */
export type LabelRequirement = {
  key: string
  op: 'in' | 'notin' | 'exists' | 'absent'
  values: readonly string[]
}

/** Pattern of objects: either names with `*` as wildcard, or label requirements that must all match. */
export type ObjectPattern = { names: readonly string[] } | { labels: readonly LabelRequirement[] }

/** Returns true when `name` matches `pattern`, in which `*` stands for any characters. Linear in both lengths. */
export function matchesName(pattern: string, name: string): boolean {
  const [head = '', ...rest] = pattern.split('*')
  const tail = rest.pop()
  if (tail === undefined) return name === head
  if (name.length < head.length + tail.length || !name.startsWith(head) || !name.endsWith(tail)) return false
  let at = head.length
  const end = name.length - tail.length
  for (const part of rest) {
    const found = name.indexOf(part, at)
    if (found < 0 || found + part.length > end) return false
    at = found + part.length
  }
  return true
}

function matchesLabels(requirements: readonly LabelRequirement[], labels: Labels): boolean {
  return requirements.every(({ key, op, values }) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined
    switch (op) {
      case 'in':
        return value !== undefined && values.includes(value)
      case 'notin':
        return value === undefined || !values.includes(value)
      case 'exists':
        return value !== undefined
      case 'absent':
        return value === undefined
    }
    return false
  })
}

export function matchesObject(pattern: ObjectPattern, name: string, labels: Labels): boolean {
  return 'names' in pattern
    ? pattern.names.some((each) => matchesName(each, name))
    : matchesLabels(pattern.labels, labels)
}

const keyPattern = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/
const valuePattern = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/

/**
 * Parses a label selector (`pool=web,tier!=db,zone in (a, b),gpu,!spot`); returns the mistake in an invalid one.
 * Source: Kubernetes, "Labels and Selectors".
 */
export function parseLabels(text: string): { labels: readonly LabelRequirement[] } | { mistake: string } {
  const parts = splitOutsideBrackets(text)
  const labels: LabelRequirement[] = []
  for (const part of parts) {
    const one = parseRequirement(part.trim())
    if ('mistake' in one) return one
    labels.push(one)
  }
  return { labels }
}

function parseRequirement(text: string): LabelRequirement | { mistake: string } {
  const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(text)
  if (set !== null) {
    const values = (set[3] ?? '').split(',').map((each) => each.trim())
    return validateRequirement({ key: set[1] ?? '', op: set[2] === 'in' ? 'in' : 'notin', values }, text)
  }
  const equality = /^([^=!\s]+)\s*(==|=|!=)\s*([^=!\s]*)$/.exec(text)
  if (equality !== null) {
    return validateRequirement(
      { key: equality[1] ?? '', op: equality[2] === '!=' ? 'notin' : 'in', values: [equality[3] ?? ''] },
      text,
    )
  }
  const absent = text.startsWith('!')
  return validateRequirement(
    { key: absent ? text.slice(1).trim() : text, op: absent ? 'absent' : 'exists', values: [] },
    text,
  )
}

function validateRequirement(one: LabelRequirement, text: string): LabelRequirement | { mistake: string } {
  if (!keyPattern.test(one.key))
    return { mistake: `"${text}" is not a valid label requirement: "${one.key}" is not a valid key` }
  const invalidValue = one.values.find((each) => !valuePattern.test(each) || each.length > 63)
  return invalidValue === undefined
    ? one
    : { mistake: `"${text}" is not a valid label requirement: "${invalidValue}" is not a valid value` }
}

function splitOutsideBrackets(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let part = ''
  for (const character of text) {
    if (character === '(') depth++
    if (character === ')') depth--
    if (character === ',' && depth === 0) {
      parts.push(part)
      part = ''
    } else part += character
  }
  return [...parts, part]
}

/** Returns label requirements as a selector, as it is typed. */
export function labelsText(requirements: readonly LabelRequirement[]): string {
  const one = ({ key: name, op, values }: LabelRequirement) => {
    if (op === 'exists') return name
    if (op === 'absent') return `!${name}`
    if (values.length === 1) return `${name}${op === 'in' ? '=' : '!='}${values[0]}`
    return `${name} ${op} (${values.join(', ')})`
  }
  return requirements.map(one).join(',')
}
