import type { Fault } from './bench.ts'
import { nodeFaults } from './nodes.ts'
import { routeFaults } from './routes.ts'
import { serviceFaults } from './services.ts'
import { severalFaults } from './several.ts'

/** All faults that are made on the development cluster. */
export const faults: readonly Fault[] = [...routeFaults, ...serviceFaults, ...nodeFaults, ...severalFaults]
