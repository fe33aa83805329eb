import { type Insight, interpretWith, type Reader, type ToolOutput } from '#core/request/insight'
import { readAskedOfIp } from './ip-arguments.ts'
import { type LinksData, readLinks, sayLinks } from './ip-links.ts'
import { type NeighboursData, readNeighbours, sayNeighbours } from './ip-neighbours.ts'
import { type RoutesData, readRoutes, sayRoutes } from './ip-routes.ts'

/** What `ip` proves about links, routes and neighbours. */
export type IpData = LinksData | RoutesData | NeighboursData

function readIp({ text, argv, exit }: ToolOutput): IpData | undefined {
  const asked = readAskedOfIp(argv)
  switch (asked.object) {
    case 'link':
    case 'address':
      return asked.command === 'show' ? readLinks(text, asked) : undefined
    case 'route':
      return asked.command === 'other' ? undefined : readRoutes(text, asked, exit)
    case 'neighbour':
      return asked.command === 'show' ? readNeighbours(text, asked) : undefined
    default:
      return undefined
  }
}

function sayIp(data: IpData): Insight | undefined {
  if (data.kind === 'links' || data.kind === 'no-link') return sayLinks(data)
  return data.kind === 'neighbours' ? sayNeighbours(data) : sayRoutes(data)
}

/** Reader of `ip link`, `ip address`, `ip route` and `ip neighbour`, as text or JSON. */
export const ipReader: Reader<IpData> = { read: readIp, say: sayIp }
export const ipInsight = interpretWith(ipReader)
