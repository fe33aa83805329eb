import { existsSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { errorMessage } from '#core/util/error-message'
import { UserError } from '#src/app/user-error'
import { askOn, InputEnded } from './ask-at-prompt.ts'
import type { StarterQuestion } from './init-question-type.ts'
import { nextCommands } from './next-commands.ts'
import type { StarterAnswers } from './starter-answers.ts'
import { chatQuestions } from './starter-chats.ts'
import { starterFiles } from './starter-files.ts'
import { checkAnswers, starterQuestions, toAnswers } from './starter-questions.ts'
import { readOptions } from './subcommand-options.ts'

const text = { type: 'string' } as const
const texts = { type: 'string', multiple: true } as const
const options = {
  ...Object.fromEntries(chatQuestions.map(({ flag }) => [flag, text])),
  ...{ folder: text, cluster: texts, 'in-cluster': text, url: text, lead: texts, operator: texts },
  ...{ 'shell-image': text, image: text },
  'embedded-redis': { type: 'boolean' },
} as const

/**
 * `init`: writes `retina.yaml`, its tests, the chat apps' manifests, the chart's values and the admission policy, from
 * flags or, on a terminal, from answers to questions. Writes nothing where one of the files exists.
 */
export async function init(argv: readonly string[], terminal: Terminal = process): Promise<number> {
  const { values, positionals } = readOptions(argv, options)
  if (positionals.length > 0) throw new UserError('bad-usage', `"${positionals[0]}" is not a flag of \`init\`.`)
  const { folder = '.', ...flags } = values
  const answers = await readAnswers(flags, terminal)
  const files = starterFiles(answers)
  const existing = [...files.keys()].filter((name) => existsSync(join(folder, name)))
  if (existing.length > 0) {
    const names = existing.map((name) => join(folder, name)).join(', ')
    console.error(`${names} exists already. Nothing was written: name another folder with --folder, or move it away.`)
    return 1
  }
  writeAll(folder, files)
  for (const name of files.keys()) console.log(`wrote ${join(folder, name)}`)
  console.log(nextCommands(answers, folder))
  return 0
}

/** Where `init` asks; it doesn't where `stdin` is no terminal. */
type Terminal = { stdin: NodeJS.ReadableStream & { isTTY?: boolean }; stdout: NodeJS.WritableStream }
type Flags = { readonly [name: string]: string | boolean | string[] | undefined }

async function readAnswers(flags: Flags, { stdin, stdout }: Terminal): Promise<StarterAnswers> {
  const given = new Map(
    Object.entries(flags).flatMap(([name, value]) => (value === undefined ? [] : [[name, flagText(value)] as const])),
  )
  checkAnswers(given)
  const questions = starterQuestions({ context: currentContext() })
  if (stdin.isTTY !== true) return toAnswers(completeFromFlags(questions, given))
  const ask = askOn(stdin, stdout)
  try {
    for (const question of questions) {
      if (given.has(question.flag) || !question.applies(given)) continue
      const answer = await ask.question(
        question.text,
        (each) => question.check(each) ?? each,
        question.otherwise(given),
      )
      given.set(question.flag, answer)
    }
    return toAnswers(given)
  } catch (error) {
    if (error instanceof InputEnded)
      throw new UserError('bad-usage', 'The questions were not answered. Nothing was written.')
    throw error
  } finally {
    ask.close()
  }
}

function flagText(value: string | boolean | string[]): string {
  return Array.isArray(value) ? value.join(',') : String(value)
}

/** Adds the defaults of flags that may be left out. Throws `UserError` that names every flag that is missing. */
function completeFromFlags(
  questions: readonly StarterQuestion[],
  given: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const complete = new Map(given)
  const missing: string[] = []
  for (const question of questions) {
    if (complete.has(question.flag) || !question.applies(complete)) continue
    const otherwise = question.isOptional ? question.otherwise(complete) : undefined
    if (otherwise === undefined) missing.push(`--${question.flag}: ${question.text}`)
    else complete.set(question.flag, otherwise)
  }
  if (missing.length === 0) return complete
  throw new UserError('bad-usage', `This is no terminal, so \`init\` can't ask. Name these:\n  ${missing.join('\n  ')}`)
}

/** Returns the current context of the user's kubeconfig; undefined where there is none. */
function currentContext(): string | undefined {
  const [file = ''] = (process.env['KUBECONFIG'] ?? join(homedir(), '.kube/config')).split(':')
  try {
    const { 'current-context': context } = parse(readFileSync(file, 'utf8')) as { 'current-context'?: unknown }
    return typeof context === 'string' && context !== '' ? context : undefined
  } catch {
    return undefined
  }
}

/** Writes all files or, where one can't be written, none. */
function writeAll(folder: string, files: ReadonlyMap<string, string>): void {
  const written: string[] = []
  try {
    mkdirSync(folder, { recursive: true })
    for (const [name, content] of files) {
      // Fails where somebody else has made the file meanwhile.
      writeFileSync(join(folder, name), content, { flag: 'wx' })
      written.push(join(folder, name))
    }
  } catch (error) {
    for (const path of written) unlinkSync(path)
    const why = errorMessage(error)
    throw new UserError('cannot-write', `${why}\nNothing was written.`)
  }
}
