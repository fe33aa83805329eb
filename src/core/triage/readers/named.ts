import { readAgents, readDnsEndpoints, readNodeConditions, readNodeLease, readServiceEndpoints } from './api.ts'
import { readAnswerTimes, readBothProtocols, readResolvConf } from './dns.ts'
import { readCardCounters, readTranslated } from './ethtool-and-conntrack.ts'
import type { NamedReader } from './generic.ts'
import {
  readLinkCounters,
  readLinks,
  readNeighbours,
  readNeighbourTable,
  readPodRoutes,
  readRefusals,
} from './ip-command.ts'
import {
  readClock,
  readLocalPorts,
  readPathMtu,
  readPeer,
  readProcessors,
  readTcpMemory,
} from './path-mtu-and-host-limits.ts'
import { readPolicies } from './policies.ts'
import {
  readForwarding,
  readIptablesDrops,
  readNftDrops,
  readRpFilter,
  readRuleSets,
  readServiceRules,
} from './rules.ts'
import { readFailedUnits } from './systemd-units.ts'

/** Readers that are code, by the name with which a check uses them. */
export const namedReaders: ReadonlyMap<string, NamedReader> = new Map<string, NamedReader>([
  ['links', readLinks],
  ['link-counters', readLinkCounters],
  ['card-counters', readCardCounters],
  ['translated', readTranslated],
  ['forwarding', readForwarding],
  ['rp-filter', readRpFilter],
  ['agents', readAgents],
  ['neighbours', readNeighbours],
  ['neighbour-table', readNeighbourTable],
  ['pod-routes', readPodRoutes],
  ['refusals', readRefusals],
  ['both-protocols', readBothProtocols],
  ['answer-times', readAnswerTimes],
  ['resolv-conf', readResolvConf],
  ['path-mtu', readPathMtu],
  ['peer', readPeer],
  ['tcp-memory', readTcpMemory],
  ['local-ports', readLocalPorts],
  ['processors', readProcessors],
  ['clock', readClock],
  ['rule-sets', readRuleSets],
  ['nft-drops', readNftDrops],
  ['iptables-drops', readIptablesDrops],
  ['service-rules', readServiceRules],
  ['failed-units', readFailedUnits],
  ['node-conditions', readNodeConditions],
  ['node-lease', readNodeLease],
  ['dns-endpoints', readDnsEndpoints],
  ['service-endpoints', readServiceEndpoints],
  ['policies', readPolicies],
])
