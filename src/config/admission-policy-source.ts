import { parse, type ScalarTag } from 'yaml'
import { toRecord } from '#core/util/json'

/** Words that YAML 1.1, which Helm reads, takes for booleans besides true and false. */
const booleanWords: ScalarTag = {
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  test: /^(?:yes|Yes|YES|on|On|ON|no|No|NO|off|Off|OFF)$/,
  resolve: (text) => /^(?:yes|on)$/i.test(text),
}

/**
 * Returns the part of `retina.yaml` from which the admission policy is made, as JSON. The chart makes the same text of its
 * value `config` (`retina.policyPart` in its templates), as Helm reads it: a policy that was made from something else is
 * refused. `impersonate`: whether the policy also names people and groups.
 */
export function policyPart(text: string, impersonate: boolean): string {
  const file = toRecord(parse(text, { customTags: (tags) => [booleanWords, ...tags] }))
  const part: Record<string, unknown> = {}
  for (const key of impersonate ? ['capabilitySets', 'shell', 'groups'] : ['capabilitySets', 'shell']) {
    if (Object.hasOwn(file, key)) part[key] = file[key]
  }
  const shell = toRecord(part['shell'])
  if (shell['pin'] === false) part['shell'] = { ...shell, pin: 'off' }
  const { grants } = file
  if (impersonate) part['people'] = (Array.isArray(grants) ? grants : []).map((grant) => toRecord(grant)['to'] ?? '')
  return toJson(part)
}

/** Returns JSON as Go's encoder writes it: keys sorted by their bytes, and two separators of lines escaped. */
function toJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toJson).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, each]) => ({
      key: Buffer.from(key),
      text: `${toJson(key)}:${toJson(each)}`,
    }))
    return `{${entries
      .toSorted((one, other) => Buffer.compare(one.key, other.key))
      .map(({ text }) => text)
      .join(',')}}`
  }
  return JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}
