import { type ParseArgsConfig, parseArgs } from 'node:util'
import { errorMessage } from '#core/util/error-message'
import { knownNames } from '#src/app/policy-file'
import { UserError } from '#src/app/user-error'
import { type Config, loadConfig, remarkText } from '#src/config/load'

/**
 * Reads a subcommand's own options; returns the arguments after `--` unparsed, as `words`. Throws `UserError` for
 * invalid options.
 */
export function readOptions<T extends NonNullable<ParseArgsConfig['options']>>(argv: readonly string[], options: T) {
  const end = argv.indexOf('--')
  const own = end === -1 ? argv : argv.slice(0, end)
  const rest = end === -1 ? [] : argv.slice(end + 1)
  try {
    const { values, positionals } = parseArgs({ args: [...own], options, allowPositionals: true, strict: true })
    return { values, positionals, words: rest }
  } catch (error) {
    throw new UserError('bad-usage', errorMessage(error))
  }
}

/** Returns whether `-o json` was given. Throws `UserError` for any other format. */
export function isJsonOutput(output: string | undefined): boolean {
  if (output !== undefined && output !== 'json')
    throw new UserError('bad-usage', `"${output}" is not a valid output format; use json.`)
  return output === 'json'
}

/** Returns the path of the configuration: the option, else `RETINA_CONFIG`, else `retina.yaml` in the current folder. */
export function configFile(given: string | undefined): string {
  return given ?? process.env['RETINA_CONFIG'] ?? 'retina.yaml'
}

/**
 * Loads the configuration. Throws `UserError` with all its mistakes; passes warnings to `warn`, by default to standard
 * error.
 */
export function loadOrExit(
  file: string,
  warn: (text: string) => void = (text) => console.error(`warning: ${text}`),
): Config {
  const loaded = loadConfig(file, process.env, knownNames())
  if ('mistakes' in loaded) {
    throw new UserError('config-wrong', loaded.mistakes.map((each) => remarkText(file, each)).join('\n'))
  }
  for (const warning of loaded.warnings) warn(remarkText(file, warning))
  return loaded.config
}
