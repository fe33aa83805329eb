import { expect, test } from '@jest/globals'
import { openProgram } from '#test/bench/program'
import { openCollector } from '#test/bench/spans'
import { useCluster } from '#test/environment/cluster'
import { shown } from '#test/fakes/slack/shown'
import { atEnd } from '#test/flow/app'
import { waitUntil } from '#test/flow/wait-for'

const cluster = useCluster()

test('with an OpenTelemetry endpoint, a run’s steps are spans of one trace, from identifying the person to delivering the result', async () => {
  const collector = await openCollector()
  atEnd(collector.close)
  const program = await openProgram(cluster().settings, { collector: collector.endpoint })
  await program.people.command('U0ALICE', 'shell node001 ping -c 1 127.0.0.1')
  await waitUntil('it has ended', () => program.slack.state.messages.some((each) => /Done/.test(shown(each))))
  // The last spans are sent when the program stops.
  await program.stop()
  const spans = collector.steps().toSorted((a, b) => a.from - b.from)
  expect(new Set(spans.map(({ trace }) => trace)).size).toBe(1)
  expect(spans[0]).toMatchObject({ name: 'inbox.accept', from: 0 })
  expect(spans.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'resolve-target',
      'dry-run',
      'reply-queued',
      'enqueue',
      'create-container',
      'container-start',
      'first-output',
      'deliver-result',
    ]),
  )
  expect(spans.find(({ name }) => name === 'container-start')?.took).toBeGreaterThan(10)
})
