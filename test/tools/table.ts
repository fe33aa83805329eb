import { filters } from './tables/filters.ts'
import { guides } from './tables/guides.ts'
import { host } from './tables/host.ts'
import { links } from './tables/links.ts'
import { sockets } from './tables/sockets.ts'
import { system } from './tables/system.ts'
import { transfers } from './tables/transfers.ts'

/**
 * Expected classification of each list of arguments: `read`, `write` (may change something), `filter` (reads only its
 * standard input) or `refused`; after a colon the special arguments that a grant has to name.
 */
export const rows = [links, sockets, transfers, filters, host, system, guides]
  .flatMap((table) => table.trim().split('\n'))
  .map((line) => {
    const [verdict = '', ...command] = line.split(' | ')
    return [command.join(' | '), verdict] as const
  })
