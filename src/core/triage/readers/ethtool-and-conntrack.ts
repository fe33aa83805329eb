import type { NamedReader } from './generic.ts'

/** Names by which drivers count packets that were lost or damaged. */
const lossNames = /(?:err|drop|discard|fifo|crc|miss|no_?buf|timeout|overrun|collision)/i
/** Counters whose names sound like it, and which are none: what was refused on purpose, or is counted by others too. */
const harmlessNames = /(?:allowance|xdp|filter|vlan|multicast|pause|loopback|lro|gro_|ecc_|restart_queue)/i
/** Limits of Amazon's machines. Source: AWS, "Monitor network performance for ENA settings on your EC2 instance". */
const allowanceName = /_allowance_exceeded$/
/** Limits beyond which whole services fail: DNS and metadata, and new connections. */
const hardAllowances = new Set(['linklocal_allowance_exceeded', 'conntrack_allowance_exceeded'])

/** Reads `ethtool -S`: counters of lost packets, and of those beyond what the machine is allowed. */
export const readCardCounters: NamedReader = ([output]) => {
  if (output === undefined || !/^NIC statistics:/m.test(output.text)) return undefined
  const counters = output.text.split('\n').flatMap((line) => {
    const [, name, value] = /^\s+([^:\s]+(?: [^:\s]+)*): (\d+)$/.exec(line) ?? []
    return name === undefined ? [] : [{ name, value: Number(value) }]
  })
  const losses = counters.filter(({ name }) => lossNames.test(name) && !harmlessNames.test(name))
  const allowances = counters.filter(({ name }) => allowanceName.test(name))
  const sum = (some: typeof counters) => some.reduce((total, { value }) => total + value, 0)
  const nonZero = (some: typeof counters) => some.flatMap(({ name, value }) => (value > 0 ? [name] : []))
  return {
    losses: sum(losses),
    lossNames: nonZero(losses),
    ...(allowances.length === 0 ? {} : { exceeded: sum(allowances), allowances: nonZero(allowances) }),
    hard: sum(allowances.filter(({ name }) => hardAllowances.has(name))),
  }
}

/** Networks that no cloud's gateway translates. Source: RFC 1918, RFC 6598, RFC 3927, RFC 1122. */
const privateNetwork =
  /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|169\.254\.|127\.|0\.)/

/**
 * Reads `conntrack -L`: to which address and port outside most connections lead, and how many. Of a long list only the beginning
 * is there; its order is that of a hash, so that the whole is estimated by its number of lines.
 */
export const readTranslated: NamedReader = ([output]) => {
  if (output === undefined) return undefined
  const entries = output.text.split('\n').filter((line) => / src=\S+ dst=\S+ /.test(line))
  if (entries.length === 0) return /0 flow entries have been shown/.test(output.text) ? nothingTranslated : undefined
  const destinations = entries.flatMap((line) => {
    const words = line.split(/\s+/)
    const protocol = words.find((word) => /^[a-z]/.test(word) && !/^ipv[46]$/.test(word)) ?? ''
    // The first ones are those that were asked for, the second ones those of the answers.
    const [address = '', port = ''] = ['dst=', 'dport='].map((name) =>
      words.find((word) => word.startsWith(name))?.slice(name.length),
    )
    return !/^[\d.]+$/.test(address) || privateNetwork.test(address) ? [] : [`${protocol} ${address}:${port}`]
  })
  const [top] = [...Map.groupBy(destinations, (each) => each)].toSorted(
    ([, one], [, other]) => other.length - one.length,
  )
  if (top === undefined) return nothingTranslated
  const factor = Math.max(1, (output.lines ?? entries.length) / entries.length)
  const [, address = '', port = ''] = /^\w+ ([\d.]+):(\d+)$/.exec(top[0]) ?? []
  return { most: Math.round(top[1].length * factor), destination: top[0], address: [`dst=${address}`], port }
}

const nothingTranslated = { most: 0, destination: 'none', address: [], port: '' }
