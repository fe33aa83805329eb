import { z } from 'zod'

const strings = z.array(z.string())

const testCase = z.strictObject({
  as: z.string().min(1),
  groups: strings.default([]),
  platform: z.string().optional(),
  in: z.string().optional(),
  labels: z.string().optional(),
  at: z.iso.datetime().optional(),
  run: z.string().min(1),
  expect: z.enum(['allow', 'ask', 'deny', 'misunderstood']),
  set: z.string().optional(),
  reason: z.string().optional(),
})

/** Schema of a file with tests of a policy. */
export const policyTestsSchema = z.strictObject({ policy: z.string().optional(), cases: z.array(testCase).min(1) })

/** One case: who types what where, and what the policy has to decide. */
export type PolicyTestCase = z.infer<typeof testCase>
