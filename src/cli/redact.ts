import { createRedactor } from '#core/output/redact'
import { createTranscript } from '#core/output/transcript-builder'
import { count } from '#core/util/units'
import { UserError } from '#src/app/user-error'
import { loadOrExit, readOptions } from './subcommand-options.ts'

/** `redact`: prints standard input as the bot would show it, with secrets hidden. `--config` adds the owner's expressions. */
export async function redact(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, { config: { type: 'string' } })
  if (positionals.length > 0)
    throw new UserError('bad-usage', 'Give the text on standard input: `retina-chatops redact < FILE`.')
  const patterns = values.config === undefined ? [] : loadOrExit(values.config).redact
  const transcript = createTranscript((open) => createRedactor(patterns, open))
  process.stdin.setEncoding('utf8')
  for await (const text of process.stdin) {
    transcript.add({ stream: 'stdout', text: String(text) })
    await print(transcript.take())
  }
  transcript.finish()
  await print(transcript.take())
  console.error(`${count(transcript.state().redacted, 'secret')} hidden`)
  return 0
}

/** Writes a text, and waits where its reader is slow. */
async function print(text: string): Promise<void> {
  if (process.stdout.write(text)) return
  await new Promise((resolve) => process.stdout.once('drain', resolve))
}
