import { createLogger } from '#src/app/logger'
import { runConsole } from '#src/app/start'
import { UserError } from '#src/app/user-error'
import { configFile, loadOrExit, readOptions } from './arguments.ts'
import { joinArgv } from './join-argv.ts'

/**
 * `run --as PERSON -- WORDS`: prints the thread to standard output and returns the tool's exit code. Ctrl-C cancels the
 * run.
 */
export async function runCommand(argv: readonly string[]): Promise<number> {
  const { values, words: command } = readOptions(argv, { config: { type: 'string' }, as: { type: 'string' } })
  if (values.as === undefined) throw new UserError('bad-usage', 'Name the person: --as PERSON.')
  if (command.length === 0)
    throw new UserError('bad-usage', 'Give the command after "--": -- shell node001 dig example.com')
  const file = configFile(values.config)
  const config = loadOrExit(file)
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  return runConsole({
    config,
    file,
    as: values.as,
    text: joinArgv(command),
    log: createLogger('warn'),
    print: (text) => console.log(text),
    signal: stop.signal,
  })
}
