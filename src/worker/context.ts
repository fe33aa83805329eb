import type { Chart } from '#core/request/insight'
import type { EndReason } from '#core/runs/run'
import type { HeatTable } from '#core/triage/heat-table'
import type { SharedContext } from '#src/lifecycle/shared-context'

/** Dependencies of a worker. */
export type WorkerContext = SharedContext & {
  /** Renders a chart as PNG. */
  renderChart: (chart: Chart) => Promise<Uint8Array>
  /** Renders a table of checks by targets as PNG. */
  renderHeatTable: (table: HeatTable) => Promise<Uint8Array>
  /** `waitSeconds`: from the run's queueing to its start. */
  observeStart: (waitSeconds: number) => void
  observeEnd: (reason: EndReason, seconds: number) => void
  /** `pastHalfTime`: number of undecided requests of whose time to decide more than half has passed. */
  observeApprovals: (pastHalfTime: number) => void
}
