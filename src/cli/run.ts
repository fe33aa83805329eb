import { createLogger } from '#src/app/logger'
import { runConsole } from '#src/app/run-console'
import { UserError } from '#src/app/user-error'
import { joinArgv } from './join-argv.ts'
import { configFile, isJsonOutput, loadOrExit, readOptions } from './subcommand-options.ts'

const options = {
  config: { type: 'string' },
  as: { type: 'string' },
  output: { type: 'string', short: 'o' },
} as const

/**
 * `run --as PERSON [-o json] -- WORDS`: prints the thread to standard output and returns the tool's exit code, or that
 * of all targets. Ctrl-C cancels what runs; a second one ends the program at once.
 */
export async function runCommand(argv: readonly string[]): Promise<number> {
  const { values, words: command } = readOptions(argv, options)
  if (values.as === undefined) throw new UserError('bad-usage', 'Name the person: --as PERSON.')
  if (command.length === 0)
    throw new UserError('bad-usage', 'Give the command after "--": -- shell node001 dig example.com')
  const isJson = isJsonOutput(values.output)
  const file = configFile(values.config)
  const config = loadOrExit(file)
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  return runConsole({
    config,
    file,
    as: values.as,
    text: joinArgv(command),
    output: isJson ? 'json' : 'text',
    log: createLogger('warn'),
    print: (text) => console.log(text),
    printNote: (text) => (isJson ? console.error(text) : console.log(text)),
    signal: stop.signal,
  })
}
