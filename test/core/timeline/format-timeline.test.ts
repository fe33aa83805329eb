import { expect, test } from '@jest/globals'
import { type Timeline, timelineJson, timelineMarkdown } from '#core/timeline/format-timeline'

const hostile = 'a | b\n# c <script>alert(1)</script> [x](http://evil.example) `rm` *d* @everyone \u202e &lt; ~e~'
const timeline: Timeline = {
  channel: 'slack:channel/C1',
  since: '2026-11-28T00:00:00.000Z',
  until: '2026-11-28T12:00:00.000Z',
  entries: [
    {
      at: '2026-11-28T03:00:00.000Z',
      kind: 'run',
      who: hostile,
      what: hostile,
      outcome: 'Done',
      finding: hostile,
      id: 'r1',
    },
  ],
  cut: true,
}

test('hostile texts stay in their cell of the Markdown table, and become no markup', () => {
  const lines = timelineMarkdown(timeline).trimEnd().split('\n')
  expect(lines).toHaveLength(7)
  const row = lines.at(-1) ?? ''
  // Bars that aren't escaped are those of the table.
  expect(row.split(/(?<!\\)\|/)).toHaveLength(7)
  expect(row).not.toMatch(/<script|(?<!\\)[`*[\]]|\u202e/)
  expect(lines[2]).toContain('There was more than is shown here.')
})

test('the JSON has everything as it was', () => {
  expect(JSON.parse(timelineJson(timeline))).toEqual(timeline)
})
