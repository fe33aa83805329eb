import { noNeeds, type Tool } from '#core/request/tool'
import { toReading } from './kit/reading-and-needs.ts'

/** Objects of the API server that checks of triage read, as the person who asks. Nobody types it: `nodes` and `pods` list objects. */
export const api: Tool = {
  name: 'api',
  about:
    'What does the API server say about it? For triage alone: api nodes, pods, events, endpoints, policies, leases',
  examples: [],
  hints: [],
  virtual: true,
  read: (argv) =>
    toReading(argv, {
      needs: noNeeds,
      opens: [],
      refusal: {
        why: '`api` is a right of checks, and no program.',
        instead: '`triage` uses it; `nodes` and `pods` list objects.',
      },
    }),
}
