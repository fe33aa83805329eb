import '../../../src/core/util/disable-background-compilers.js'
import { once } from 'node:events'
import { type BrowserShell, openShell } from './browser-shell.ts'
import { prompt } from './shell.ts'

// Browsers of many shells, in a process of their own: what measures keys isn't held up by them. `begin`: opens a shell, and types a command where
// there is one; `count`: answers with the lines that all were shown; `end`: ends them all.

type Asked = { begin: { link: string; command: string | undefined } } | { count: true } | { end: true }

const shells: BrowserShell[] = []

async function answer(asked: Asked): Promise<number> {
  if ('begin' in asked) {
    const shell = await openShell(asked.begin.link)
    shells.push(shell)
    await shell.shows(prompt, 120)
    if (asked.begin.command !== undefined) shell.type(`${asked.begin.command}\r`)
    return shells.length
  }
  if ('end' in asked) await Promise.all(shells.map((each) => each.end()))
  return shells.reduce((sum, each) => sum + each.lines(), 0)
}

process.on('message', (asked: Asked) => {
  answer(asked).then(
    (value) => process.send?.({ value }),
    (error: unknown) => process.send?.({ error: String(error) }),
  )
})
await once(process, 'disconnect')
process.exit(0)
