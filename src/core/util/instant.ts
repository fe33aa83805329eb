/** Point in time as ISO 8601 in UTC ("2026-11-23T03:07:00.000Z"): survives JSON, so no `Date` crosses a port. */
export type Instant = string
