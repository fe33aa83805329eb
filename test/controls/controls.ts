import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { adapters } from './adapters.ts'
import { approvals } from './approvals.ts'
import { containers } from './containers.ts'
import type { RecordedControl } from './control.ts'
import { decisions } from './decisions.ts'
import { destinations } from './destinations.ts'
import { handlers } from './handlers.ts'
import { hostileInput } from './hostile-input.ts'
import { recordings } from './recordings.ts'
import { runs } from './runs.ts'
import { secrets } from './secrets.ts'
import { storage } from './storage.ts'
import { terminals } from './terminals.ts'

/** Names of the tests that must fail without each control, by the control's name. */
const recorded = JSON.parse(readFileSync(join(import.meta.dirname, 'red.json'), 'utf8')) as Partial<
  Record<string, readonly string[]>
>

/** Every control that `npm run controls` takes out, one at a time. */
export const controls: readonly RecordedControl[] = [
  ...decisions,
  ...approvals,
  ...destinations,
  ...storage,
  ...recordings,
  ...terminals,
  ...runs,
  ...containers,
  ...handlers,
  ...hostileInput,
  ...adapters,
  ...secrets,
].map((each) => ({
  ...each,
  red: recorded[each.name] ?? [],
}))

/** Names of the controls in red.json. */
export const recordedNames = Object.keys(recorded)
