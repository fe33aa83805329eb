import { expect, test } from '@jest/globals'
import { hideInPipeline, hideInTyped } from '#core/output/hide-in-command'

test.each([
  [
    [['curl', '-u', 'bob:hunter2', '-H', 'X-Api-Key: 0a1b2c3d4e5f60718293', 'http://a']],
    [['curl', '-u', 'bob:[redacted: password]', '-H', 'X-Api-Key: [redacted: secret]', 'http://a']],
  ],
  [
    [
      ['dig', '-y', 'hmac-sha256:k:c2VjcmV0c2VjcmV0c2VjcmV0', 'x'],
      ['grep', 'status'],
    ],
    [
      ['dig', '-y', 'hmac-sha256:k:[redacted: key]', 'x'],
      ['grep', 'status'],
    ],
  ],
  [
    [
      ['dig', '+short', 'example.com'],
      ['head', '-n', '2'],
    ],
    [
      ['dig', '+short', 'example.com'],
      ['head', '-n', '2'],
    ],
  ],
])('T25 secrets in arguments are hidden: %j', (pipeline, hidden) => {
  expect(hideInPipeline(pipeline)).toEqual(hidden)
})

test('T25 secrets in what was typed are hidden', () => {
  const typed = { text: 'shell node001 curl -u bob:hunter2 http://a', plain: 'curl -u bob:hunter2', entities: true }
  expect(hideInTyped(typed)).toEqual({
    text: 'shell node001 curl -u bob:[redacted: password] http://a',
    plain: 'curl -u bob:[redacted: password]',
    entities: true,
  })
})
