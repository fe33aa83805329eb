import { expect, test } from '@jest/globals'
import { directActions, formActions, pressableActions, textOfPress, wordsOfPress } from '#core/runs/actions'
import { parse } from '#src/command/parse'
import { catalogue } from '#src/tools/index'

const id = 'abcdefgh2345'
const parsed = (text: string) => parse({ text }, catalogue)

test.each(pressableActions)('the command of a pressed button is understood, with its run: %s', (action) => {
  expect(parsed(textOfPress(action, id))).toMatchObject({ id })
  expect(parse({ words: wordsOfPress(action, id) }, catalogue)).toEqual(parsed(textOfPress(action, id)))
})

test.each(formActions.filter(({ form }) => !form.prefilled))(
  'the command of a filled form is understood, with its run: $action',
  ({ form }) => {
    expect(parsed(form.command(id, 'some words'))).toMatchObject({ id })
    expect(form.command(id, 'some words').startsWith(form.begin(id, ''))).toBe(true)
  },
)

test('in a chat with forms, each button is either pressed or opens a form', () => {
  const opened: string[] = formActions.map(({ action }) => action)
  expect(directActions.filter((action) => opened.includes(action))).toEqual([])
  expect(pressableActions.filter((action) => !directActions.includes(action))).toEqual(['deny'])
})

test('words of a form stay one argument of its command', () => {
  for (const { form } of formActions)
    if (!form.prefilled) expect(form.command(id, '"; $(x) `y`\nz')).not.toMatch(/[$`\n]|".*".*"/)
})
