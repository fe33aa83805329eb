/** Condition that has to hold, in CEL, and what is refused without it. `messageExpression`: CEL that tells more. */
export type Validation = { expression: string; message: string; messageExpression?: string }

/** What every refusal of the policies begins with. */
export const messagePrefix = 'retina-chatops: '

/** Returns a CEL string. */
export function text(value: string): string {
  const escaped = value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n').replaceAll('\r', '\\r')
  return `'${escaped}'`
}

/** Returns a CEL list of strings. */
export const list = (values: readonly string[]) => `[${values.map(text).join(', ')}]`

/**
 * Returns a JSON value as CEL. Values inside lists and maps are `dyn`, because CEL wants one type for all values of a
 * literal.
 */
export function literal(value: unknown): string {
  if (typeof value === 'string') return text(value)
  if (Array.isArray(value)) return `[${value.map((each) => `dyn(${literal(each)})`).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const entries = Object.entries(value).filter(([, each]) => each !== undefined)
  return `{${entries.map(([key, each]) => `${text(key)}: dyn(${literal(each)})`).join(', ')}}`
}

/**
 * Returns the rule that an object has only these fields. A field that a later version of Kubernetes adds is refused
 * with it: for policies, objects are maps whose keys can be read. `object`: CEL of a map that exists; `what`: names it.
 */
export function onlyFields(object: string, fields: readonly string[], what: string): Validation {
  const others = `dyn(${object}).filter(k, !(k in ${list(fields)}))`
  return {
    expression: `dyn(${object}).all(k, k in ${list(fields)})`,
    message: `${what} has a field that it never has`,
    messageExpression: `${text(`${messagePrefix}${what} never has `)} + ${others}.map(k, string(k)).join(', ')`,
  }
}

/** Returns the same rules for each `c` of a list of containers. */
export function forEachContainer(containers: string, rules: readonly Validation[]): Validation[] {
  return rules.map(({ expression, message }) => ({ expression: `${containers}.all(c, ${expression})`, message }))
}
