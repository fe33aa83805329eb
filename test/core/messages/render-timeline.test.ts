import { expect, test } from '@jest/globals'
import { renderMessage } from '#core/messages/render'
import { timelineMessage } from '#test/samples/incident-messages'

const factsOf = (more: Partial<typeof timelineMessage>) => renderMessage({ ...timelineMessage, ...more }).facts

test('the message of a timeline says where its files are', () => {
  expect(factsOf({})).toContain('for a post-mortem: timeline.md, timeline.json')
  const refused = { files: [], filesRefused: true }
  expect(factsOf({ ...refused, hasPages: true })).toContain(
    'for a post-mortem: `timeline --page` has it as Markdown and JSON',
  )
  expect(factsOf({ ...refused, hasPages: false })).toContain(
    'This chat takes no files: `retina-chatops audit export` has all records.',
  )
  expect(factsOf({ ...refused, hasPages: true, entries: [] })).toHaveLength(1)
})
