import { expect, test } from '@jest/globals'
import type { InboundCommand } from '#core/ports/chat'
import { pressableActions, textOfPress } from '#core/runs/actions'
import { readInbound } from '#src/bot/inbox/inbound-to-words'
import { parse } from '#src/command/parse'
import { catalogue } from '#src/tools/index'

const account = { platform: 'slack' as const, team: 'T', user: 'U' }
const parsed = (inbound: Pick<InboundCommand, 'text' | 'source'>) =>
  parse(readInbound({ account, ...inbound }).typed, catalogue)

test.each(pressableActions)('a pressed button is its command, whatever the text beside it says: %s', (action) => {
  const source = { kind: 'button' as const, action, run: 'abcdefgh2345' }
  const command = parsed({ text: 'shell node001 reboot', source })
  expect(command).toEqual(parse({ text: textOfPress(action, 'abcdefgh2345') }, catalogue))
  expect(readInbound({ account, text: 'x', source })).toMatchObject({ source, typed: { text: 'x', entities: false } })
})

test('the page of a paged button is a word of its own, and no other button takes words', () => {
  const press = (action: 'output' | 'approve', run: string) =>
    parsed({ text: '', source: { kind: 'button', action, run } })
  expect(press('output', 'abcdefgh2345 3')).toMatchObject({ verb: 'output', page: 3 })
  expect(press('approve', 'abcdefgh2345 --window')).toMatchObject({ verb: 'misunderstood' })
})

test('what was confirmed asks again where the process that decides it died', () => {
  const source = { kind: 'confirmed' as const, run: 'abcdefgh2345' }
  expect(parsed({ text: '', source })).toMatchObject({ verb: 'approve', id: 'abcdefgh2345' })
})

test('the text is read of a typed command, and of a button that only a later version has', () => {
  expect(readInbound({ account, text: 'cancel "&lt;"' })).toMatchObject({
    source: { kind: 'typed' },
    typed: { entities: true, tokens: [{ text: 'cancel' }, { text: '<' }] },
  })
  const source = { kind: 'button', action: 'explain', run: 'r1' } as unknown as InboundCommand['source'] & object
  expect(parsed({ text: 'show abcdefgh2345', source })).toMatchObject({ verb: 'show' })
})
