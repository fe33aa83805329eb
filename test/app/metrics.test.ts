import { expect, test } from '@jest/globals'
import { createMetrics } from '#src/app/metrics'

test('counters and histograms have all their labels from the start, so that the first event is an increase', async () => {
  const { body } = await createMetrics().text()
  expect(body).toContain('retina_chatops_commands_total{event="asked"} 0\n')
  expect(body).toContain('retina_chatops_run_seconds_count{reason="lost"} 0\n')
  expect(body).toContain('retina_chatops_alarms_total{kind="audit"} 0\n')
})

test('events and states are shown', async () => {
  const metrics = createMetrics()
  metrics.count('queued')
  metrics.started(31)
  metrics.started(-1)
  metrics.ended('lost', 2)
  metrics.waiting(3)
  metrics.opened('bot')
  metrics.alarm('audit')
  metrics.approvals(4)
  const { body } = await metrics.text()
  for (const line of [
    'retina_chatops_commands_total{event="queued"} 1',
    'retina_chatops_queue_wait_seconds_bucket{le="30"} 1',
    'retina_chatops_queue_wait_seconds_bucket{le="60"} 2',
    'retina_chatops_run_seconds_count{reason="lost"} 1',
    'retina_chatops_runs_waiting 3',
    'retina_chatops_open{role="bot"} 1',
    'retina_chatops_alarms_total{kind="audit"} 1',
    'retina_chatops_approvals_past_half_time 4',
  ])
    expect(body).toContain(`${line}\n`)
})
