import { toNumber } from '../measures.ts'
import type { NamedReader } from './generic.ts'

/**
 * Reads two pings of one host: small packets, and ones that are as large as the network should take and must not be cut.
 * `blackHole`: the small ones pass, the large ones get lost without an error; an error that names the size is no loss.
 */
export const readPathMtu: NamedReader = ([small, large]) => {
  const received = toNumber(small?.measures?.['received'])
  const largeReceived = toNumber(large?.measures?.['received'])
  if (received === undefined || largeReceived === undefined) return undefined
  const { host = '', local, mtu } = large?.measures ?? {}
  const isTold = local !== undefined || mtu !== undefined
  const reached = received > 0
  return {
    host,
    received,
    large: largeReceived,
    state: !reached ? 'unreachable' : largeReceived > 0 || isTold ? 'passes' : 'black hole',
  }
}

/**
 * Reads a ping of another node and a connection to its kubelet: `silent` where neither is answered. A refused connection is an
 * answer.
 */
export const readPeer: NamedReader = ([ping, connection]) => {
  const received = toNumber(ping?.measures?.['received'])
  if (received === undefined || connection?.measures === undefined) return undefined
  const { open, said = '' } = connection.measures
  const isSilent = received === 0 && open === 0 && said !== 'refused'
  const { sent = 0, local = '' } = ping?.measures ?? {}
  return { sent, received, said: local === '' ? said : local, state: isSilent ? 'silent' : 'answers' }
}

/** Reads `cat /proc/net/sockstat` and `sysctl net.ipv4.tcp_mem`: pages of memory of TCP, and its limits. */
export const readTcpMemory: NamedReader = ([statistics, limits]) => {
  const [, pages] = /^TCP: .*\bmem (\d+)$/m.exec(statistics?.text ?? '') ?? []
  const [, , pressure, high] = /^net\.ipv4\.tcp_mem = (\d+)\s+(\d+)\s+(\d+)$/m.exec(limits?.text ?? '') ?? []
  if (pages === undefined || pressure === undefined || high === undefined) return undefined
  return { pages: Number(pages), pressure: Number(pressure), high: Number(high) }
}

/** Reads `ss -s` and `sysctl net.ipv4.ip_local_port_range`: how many of the ports for own connections are in use. */
export const readLocalPorts: NamedReader = ([summary, range]) => {
  const established = toNumber(summary?.measures?.['established'])
  const timeWait = toNumber(summary?.measures?.['timeWait'])
  const [, low, high] = /^net\.ipv4\.ip_local_port_range = (\d+)\s+(\d+)$/m.exec(range?.text ?? '') ?? []
  if (established === undefined || timeWait === undefined || low === undefined || high === undefined) return undefined
  return {
    used: established + timeWait,
    timeWait,
    ports: Number(high) - Number(low) + 1,
    low: Number(low),
    high: Number(high),
  }
}

/** Reads `mpstat -P ALL`: the processor that spends most on soft interrupts. */
export const readProcessors: NamedReader = ([output]) => {
  const lines = (output?.text ?? '').split('\n')
  const head = lines
    .find((line) => line.includes('%soft'))
    ?.trim()
    .split(/\s+/)
  const [cpuColumn, softColumn] = [head?.indexOf('CPU') ?? -1, head?.indexOf('%soft') ?? -1]
  if (cpuColumn < 0 || softColumn < 0) return undefined
  const averages = lines.filter((line) => /^Average:/.test(line) && !line.includes('%soft'))
  // The heading has a time where the averages have one word.
  const shift = (head?.length ?? 0) - (averages[0]?.trim().split(/\s+/).length ?? 0)
  const rows = averages.map((line) => {
    const words = line.trim().split(/\s+/)
    return { cpu: words[cpuColumn - shift] ?? '', soft: Number(words[softColumn - shift]) }
  })
  const [worst] = rows
    .filter(({ cpu, soft }) => /^\d+$/.test(cpu) && Number.isFinite(soft))
    .toSorted((one, other) => other.soft - one.soft)
  return worst === undefined ? undefined : { cpu: worst.cpu, soft: worst.soft }
}

/** Reads `chronyc tracking`: seconds by which the clock is wrong, and whether it follows any other clock. */
export const readClock: NamedReader = ([output]) => {
  const text = output?.text ?? ''
  const [, seconds] = /^System time\s*: ([\d.]+) seconds (?:slow|fast)/m.exec(text) ?? []
  const [, leap = ''] = /^Leap status\s*: (.+)$/m.exec(text) ?? []
  return seconds === undefined ? undefined : { seconds: Number(seconds), leap }
}
