import { expect, test } from '@jest/globals'
import { renderMessage } from '#core/messages/render'
import { triageMessages } from '#test/samples/triage-messages'

const [nothingFound] = triageMessages

/** Renders a triage that found nothing, as its message in the channel. */
function render(notAllowed: number) {
  if (nothingFound?.kind !== 'triage') throw new Error('the first sample is no triage')
  return renderMessage({ ...nothingFound, part: 'root', notAllowed })
}

test('the message in the channel says how many checks the person may not run, and is not green with them', () => {
  expect(render(0)).toMatchObject({ mood: 'good', facts: [expect.stringMatching(/^\d+ good, 2 not looked at · /)] })
  const counts = expect.stringMatching(/^\d+ good, 2 not looked at, 21 checks not allowed · /)
  expect(render(21)).toMatchObject({ mood: 'plain', facts: [counts] })
})
