import '../../src/core/util/disable-background-compilers.js'
import { healthServer } from '#src/app/health'
import { createMetrics } from '#src/app/metrics'
import { countUnexpectedErrors, surviveUnexpectedErrors } from '#src/app/survive-unexpected-errors'

// A program in which errors happen that nothing catches, and which tells its parent process how its health answers.

let errors = 0
const count = () => {
  errors += 1
}
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: count }
const unexpected = countUnexpectedErrors(log, () => performance.now())
surviveUnexpectedErrors(unexpected)
const health = healthServer({ checks: [], metrics: createMetrics(), problem: unexpected.problem, log })
const port = await health.listen('127.0.0.1', 0)

const settle = () => new Promise((resolve) => setTimeout(resolve, 50))
const fail = () => {
  setTimeout(() => {
    throw new Error('planted')
  })
  void Promise.reject(new Error('planted'))
}

for (const times of [1, 2]) {
  for (let time = 0; time < times; time += 1) fail()
  await settle()
  const { status } = await fetch(`http://127.0.0.1:${port}/healthz`)
  process.send?.({ errors, status })
}
await health.close()
process.exit(0)
