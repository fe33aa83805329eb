import { findMentions, readAnyWord } from '#core/request/find-hosts-in-argument'
import type { Destination } from '#core/request/match-destination'
import { readHost } from '#core/request/read-host'
import type { SpecialArgument, Tool } from '#core/request/tool'

/** Call of a tool: its argv, and its entry in the catalogue, if it has one. */
export type ToolCall = { argv: readonly string[]; tool: Tool | undefined }

/** Looks up a tool of the catalogue by name. */
type LookUp = (name: string) => Tool | undefined

/**
 * Returns the hosts in a call's arguments: those that the tool connects to, and those that are mentioned elsewhere in
 * them. Of a tool that isn't in the catalogue, any argument may be either.
 */
export function findDestinations({ argv, tool }: ToolCall, lookUp: LookUp): Destination[] {
  if (tool !== undefined) return findToolHosts({ argv, tool })
  const [program = '', ...args] = argv
  const { calls, tooMany } = findCalls(argv, lookUp)
  const unclear = { word: program, names: [], addresses: [], many: true, why: 'it may run any of several tools' }
  return [
    ...(tooMany ? [unclear] : calls.flatMap(findHosts)),
    ...findMentions(program),
    ...[...new Set(args)].flatMap((arg) => readAnyWord(arg) ?? []),
  ]
}

function findToolHosts({ argv, tool }: ToolCall): Destination[] {
  const isMentioning = tool?.reaches !== undefined && tool.hostNotation !== 'server'
  const mentions = isMentioning ? [...new Set(argv.slice(1))].flatMap(findMentions) : []
  return [...findHosts({ argv, tool }), ...mentions]
}

function findHosts({ argv, tool }: ToolCall): Destination[] {
  const hosts = [...new Set(tool?.reaches?.(argv))]
  return hosts.map((host) => readHost(host, tool?.hostNotation ?? 'host'))
}

/**
 * Returns the arguments of an unknown tool's call that lead other tools elsewhere: `timeout 5 curl -L …`,
 * `/usr/bin/curl -L …`.
 */
export function findDetours(argv: readonly string[], lookUp: LookUp): SpecialArgument[] {
  return findCalls(argv, lookUp).calls.flatMap(({ argv: inner, tool }) => {
    const reading = tool?.read(inner, 'pod')
    return [...(reading?.special ?? []), ...(reading?.detours ?? [])]
  })
}

/** Maximum number of tools in one call of an unknown tool whose arguments are read, so that the time stays bounded. */
const maxCalls = 4

/** Returns the tools that connect to hosts and may be run by an unknown tool, with the words from their name on. */
function findCalls(argv: readonly string[], lookUp: LookUp): { calls: ToolCall[]; tooMany: boolean } {
  const found = argv.flatMap((word, at) => {
    const tool = lookUp(word.slice(word.lastIndexOf('/') + 1))
    return tool?.reaches === undefined ? [] : [{ at, tool }]
  })
  const calls = found.slice(0, maxCalls).map(({ at, tool }) => ({ argv: argv.slice(at), tool }))
  return { calls, tooMany: found.length > maxCalls }
}
