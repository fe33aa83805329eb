import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

const root = join(import.meta.dirname, '../..')

/** Chats as code names them: a text in quotes, an import, a field. Examples inside of longer texts aren't code. */
const chatName = /['"](?:slack|teams)['"]|#adapters\/(?:slack|teams)|(?:(?<!\\)\.|\{ |, )(?:slack|teams)\b(?!:)/

test('outside of the tables, nothing knows a chat by its name', () => {
  const files = globSync('src/**/*.ts', { cwd: root }).filter((file) => {
    const lines = readFileSync(join(root, file), 'utf8').split('\n')
    return lines.some((line) => !/^\s*(?:\/\/|\/?\*)/.test(line) && chatName.test(line))
  })
  expect(files.toSorted()).toEqual([
    'src/app/chat-adapters.ts',
    // Accounts and groups of Microsoft Entra are those of Teams.
    'src/app/doctor/entra.ts',
    // What `init` offers.
    'src/cli/starter-chats.ts',
    'src/identity/entra-people.ts',
  ])
})
