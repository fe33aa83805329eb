import { readDnsEndpoints, readNodeConditions, readNodeLease, readPolicies, readServiceEndpoints } from './api.ts'
import type { NamedReader } from './generic.ts'
import { readLinkCounters, readLinks, readNeighbours, readNeighbourTable, readPodRoutes } from './links.ts'
import { readAnswerTimes, readBothProtocols, readResolvConf } from './names.ts'
import { readClock, readLocalPorts, readPathMtu, readProcessors, readTcpMemory } from './paths.ts'
import { readNftDrops, readRuleSets, readServiceRules } from './rules.ts'
import { readFailedUnits } from './units.ts'

/** Readers that are code, by the name with which a check uses them. */
export const namedReaders: ReadonlyMap<string, NamedReader> = new Map<string, NamedReader>([
  ['links', readLinks],
  ['link-counters', readLinkCounters],
  ['neighbours', readNeighbours],
  ['neighbour-table', readNeighbourTable],
  ['pod-routes', readPodRoutes],
  ['both-protocols', readBothProtocols],
  ['answer-times', readAnswerTimes],
  ['resolv-conf', readResolvConf],
  ['path-mtu', readPathMtu],
  ['tcp-memory', readTcpMemory],
  ['local-ports', readLocalPorts],
  ['processors', readProcessors],
  ['clock', readClock],
  ['rule-sets', readRuleSets],
  ['nft-drops', readNftDrops],
  ['service-rules', readServiceRules],
  ['failed-units', readFailedUnits],
  ['node-conditions', readNodeConditions],
  ['node-lease', readNodeLease],
  ['dns-endpoints', readDnsEndpoints],
  ['service-endpoints', readServiceEndpoints],
  ['policies', readPolicies],
])
