import { type Insight, interpretWith, type Reader, type ToolOutput } from '#core/request/insight'
import { sayCode, sayNoServer, withFailedTries } from './dns-insight.ts'
import { countFailedTries, type NoServer, parseNoServer, withoutDot } from './dns-message.ts'
import { factsOf, firstMatch, linesOf, listed, matching, type Verdict } from './insight-helpers.ts'

/** What `nslookup` of BIND or busybox proves. A name without the dot at its end. */
export type NslookupData =
  | { kind: 'no-server'; noServer: NoServer }
  | {
      kind: 'answer'
      server: string | undefined
      /** The name that was asked for, as far as it is printed. */
      name: string | undefined
      addresses: readonly string[]
      /** End of the chain of aliases; undefined where the name is no alias. */
      aliasOf: string | undefined
      /** Names that an address was found for, of `nslookup ADDRESS`. */
      pointers: readonly { address: string; name: string }[]
      /** Response codes of questions that failed: busybox asks for A and AAAA, and may get one of each. */
      failures: readonly { name: string; code: string }[]
      /** Names for which the server has no record of the type. */
      empty: readonly string[]
      failedTries: number
    }

function readNslookup({ text }: ToolOutput): NslookupData | undefined {
  const [server] = firstMatch(text, /^Server:\s+(\S+)/) ?? []
  const failures = matching(text, /^\*\* server can't find (\S+?): (\w+)/).map(([name = '', code = '']) => ({
    name: withoutDot(name),
    code,
  }))
  const pointers = matching(text, /^(\S+?)\.in-addr\.arpa\tname = (\S+)$/).map(([reversed = '', name = '']) => ({
    address: reversed.split('.').reverse().join('.'),
    name: withoutDot(name),
  }))
  if (server === undefined && failures.length === 0 && pointers.length === 0) {
    const noServer = parseNoServer(text)
    return noServer === undefined ? undefined : { kind: 'no-server', noServer }
  }
  const aliases = matching(text, /^(\S+)\tcanonical name = (\S+)$/)
  const [, alias] = aliases.at(-1) ?? []
  const lines = linesOf(text)
  const [named] = firstMatch(text, /^Name:\s+(\S+)/) ?? []
  // The address above the first name is that of the name server.
  const found = named === undefined ? [] : lines.slice(lines.findIndex((line) => line.startsWith('Name:')))
  const addresses = matching(found.join('\n'), /^Address(?: \d+)?:\s+(\S+)/).map(([address = '']) => address)
  const name = aliases[0]?.[0] ?? named
  return {
    kind: 'answer',
    server,
    name: name === undefined ? undefined : withoutDot(name),
    addresses: [...new Set(addresses)],
    aliasOf: alias === undefined ? undefined : withoutDot(alias),
    pointers,
    failures,
    empty: matching(text, /^\*\*\* Can't find (\S+?): No answer$/).map(([each = '']) => withoutDot(each)),
    failedTries: countFailedTries(text),
  }
}

function sayNslookup(data: NslookupData): Insight | undefined {
  if (data.kind === 'no-server') return sayNoServer(data.noServer)
  const verdict = toVerdict(data)
  if (verdict === undefined) return undefined
  return {
    ...withFailedTries(verdict, data.failedTries),
    facts: factsOf({
      status: data.addresses.length === 0 ? data.failures[0]?.code : undefined,
      answers: data.addresses.length === 0 ? undefined : String(data.addresses.length),
      server: data.server,
    }),
  }
}

function toVerdict(data: Extract<NslookupData, { kind: 'answer' }>): Verdict | undefined {
  const { name, addresses, aliasOf, failures, pointers, empty } = data
  const [failure] = failures
  if (name !== undefined && addresses.length > 0) {
    const other = failure === undefined ? '' : ` (another question got ${failure.code})`
    return { severity: 'ok', headline: `${name} is ${listed(addresses)}${other}` }
  }
  if (pointers.length > 0) {
    const names = [...new Set(pointers.map((pointer) => pointer.name))]
    return { severity: 'ok', headline: `${pointers[0]?.address} is ${listed(names)}` }
  }
  if (failure !== undefined && aliasOf !== undefined && failure.code === 'NXDOMAIN') {
    return { severity: 'bad', headline: `${name} is an alias of ${aliasOf}, which does not exist` }
  }
  if (failure !== undefined) return sayCode(failure.name, failure.code)
  if (aliasOf !== undefined)
    return { severity: 'warn', headline: `${name} is an alias of ${aliasOf}; no address of it came` }
  return empty[0] === undefined ? undefined : { severity: 'warn', headline: `${empty[0]} has no such record` }
}

/** Reader of `nslookup`: the addresses of a name, or why there are none. */
export const nslookupReader: Reader<NslookupData> = { read: readNslookup, say: sayNslookup }
export const nslookupInsight = interpretWith(nslookupReader)
