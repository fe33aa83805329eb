import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { toMessage } from '#adapters/slack/blocks'
import { names } from '#test/gallery/file-names'
import { sampleMessages } from '#test/samples/messages'

const folder = join(import.meta.dirname, '../../docs/gallery')

test('the gallery shows the messages as they are sent now (npm run gallery)', () => {
  const written = names.map((name) => JSON.parse(readFileSync(join(folder, 'slack', `${name}.json`), 'utf8')))
  expect(written).toEqual(sampleMessages.map((message) => JSON.parse(JSON.stringify(toMessage(message)))))
  for (const [part, ending] of Object.entries({ slack: '.json', teams: '.png', web: '.png' }))
    expect(readdirSync(join(folder, part)).sort()).toEqual(names.map((name) => `${name}${ending}`))
})
