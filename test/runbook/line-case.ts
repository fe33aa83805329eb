/**
 * Line of a public guide, and what has to come of it under the starter policy, for a lead. `works`: it runs as typed; `asks`: it changes
 * something, and approval is asked for; `refused`: the policy refuses it; `answer`: it is answered before anything is decided.
 */
export type LineCase = {
  source: string
  target: 'node' | 'pod'
  expect: 'works' | 'asks' | 'refused' | 'answer'
  line: string
  /** The suggested command, without `shell` and the target. */
  suggests?: string
  /** Flag that the suggested command has before its target. */
  flag?: string
  /** Words that the answer has. */
  says?: string
  /** The first stage that is run. */
  runs?: string
}
