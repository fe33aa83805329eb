import type { MeasureOutput } from '#core/triage/measures'
import { ipReader } from './ip-insight.ts'

/** Kinds of routes that lead nowhere. */
const nowhere = /^(?:unreachable|blackhole|prohibit|throw)$/

/** Measures what `ip` shows: `way` is `missing` where no route leads to the address; counts of links, routes and neighbours. */
export const measureIp: MeasureOutput = (output) => {
  const data = ipReader.read(output)
  switch (data?.kind) {
    case 'no-way':
      return { way: 'missing', to: data.to, said: data.said }
    case 'way':
      return nowhere.test(data.route.kind)
        ? { way: 'missing', to: data.route.to, said: data.route.kind }
        : { way: 'found', to: data.route.to, device: data.route.device ?? '', gateway: data.route.gateways[0] ?? '' }
    case 'routes':
      return { routes: data.routes.length, devices: [...new Set(data.routes.flatMap(({ device }) => device ?? []))] }
    case 'neighbours': {
      const failed = data.neighbours.filter(({ state }) => state === 'FAILED' || state === 'INCOMPLETE')
      return { neighbours: data.neighbours.length, failed: failed.map(({ address }) => address) }
    }
    default:
      return undefined
  }
}
