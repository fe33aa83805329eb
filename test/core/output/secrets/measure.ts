import { createRedactor } from '#core/output/redact'
import { createTranscript } from '#core/output/transcript-builder'
import { commandKinds } from './command-kinds.ts'
import { fileKinds } from './file-kinds.ts'
import { furtherKinds } from './further-kinds.ts'
import { httpKinds } from './http-kinds.ts'
import { keyTexts } from './key-kinds.ts'
import { pairKinds } from './pair-kinds.ts'
import { createRandom, fill } from './random.ts'
import { vendorKinds } from './vendor-kinds.ts'

/** Text with secrets. `secrets`: the parts that may not be shown. */
export type SecretText = { kind: string; form: string; text: string; secrets: readonly string[] }

/** Texts around a vendor's token (`%s`), with a name (`%n`, `%f` as a flag, `%c` in camel case), and without one. */
const namingForms = ['%n=%s', '"%n": "%s",', '%c: %s', 'app --%f %s', 'Nov 27 10:00:00 node001 app[812]: %n=%s']
const silentForms = [
  '%s',
  'Nov 27 10:00:00 node001 app[812]: using %s',
  'see "%s", please',
  '> X-Custom: %s',
  '{"level":"info","msg":"got %s"}',
  'a=%s b=2',
]

const toCamelCase = (name: string) =>
  name.toLowerCase().replaceAll(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase())

/** Takes the marks of secrets out of a filled template. */
function unmark(kind: string, form: string, filled: string): SecretText {
  const secrets = [...filled.matchAll(/«([^»]*)»/g)].map(([, secret = '']) => secret)
  return { kind, form, text: filled.replaceAll(/[«»]/g, ''), secrets }
}

/** Returns texts with secrets of all kinds, the same for the same seed. */
export function secretTexts(seed: number): SecretText[] {
  const vendors = vendorKinds.flatMap(([kind, variable, token, shape, header]) => {
    const withName = (text: string) =>
      text
        .replace('%n', variable)
        .replace('%f', variable.toLowerCase().replaceAll('_', '-'))
        .replace('%c', toCamelCase(variable))
    const named = [...namingForms.map(withName), ...(header === undefined ? [] : [`> ${header}: %s`])]
    // A name that says nothing belongs to a token whose form says all.
    const forms = shape === 'shaped' ? [...named, ...silentForms] : named
    return forms.map((form) =>
      unmark(
        kind,
        form,
        fill(
          form.replace('%s', () => `«${token}»`),
          createRandom(seed, `${kind}/${form}`),
        ),
      ),
    )
  })
  const formats = [...pairKinds, ...httpKinds, ...commandKinds, ...fileKinds, ...furtherKinds].flatMap(
    ([kind, ...forms]) => forms.map((form) => unmark(kind, form, fill(form, createRandom(seed, `${kind}/${form}`)))),
  )
  const keys = keyTexts((name) => createRandom(seed, name)).map(({ kind, form, template }) =>
    unmark(kind, form, template),
  )
  return [...vendors, ...formats, ...keys]
}

/** Returns a text as it would be shown. */
function show(text: string): string {
  const transcript = createTranscript((state) => createRedactor([], state))
  transcript.add({ stream: 'stdout', text })
  transcript.finish()
  return transcript.take()
}

/** Characters of a secret that may be shown in a row. */
const maxShown = 7

/** Returns true where no part of the secrets of more than seven characters is shown, but for what the rest of the text has too. */
function isHidden({ text, secrets }: SecretText, shown: string): boolean {
  const rest = secrets.reduce((left, secret) => left.replace(secret, '\n'), text)
  return secrets.every((secret) => {
    const length = Math.min(secret.length, maxShown + 1)
    for (let at = 0; at + length <= secret.length; at += 1) {
      const part = secret.slice(at, at + length)
      if (shown.includes(part) && !rest.includes(part)) return false
    }
    return true
  })
}

export type Recall = { texts: number; hidden: number; kinds: number; hiddenKinds: number; missed: SecretText[] }

/** Counts the secrets that are hidden. A kind is hidden where 95 of 100 of its texts are. */
export function measureRecall(texts: readonly SecretText[]): Recall {
  const missed = texts.filter((text) => !isHidden(text, show(text.text)))
  const kinds = new Set(texts.map(({ kind }) => kind))
  const count = (list: readonly SecretText[], kind: string) => list.filter((each) => each.kind === kind).length
  const hiddenKinds = [...kinds].filter((kind) => count(missed, kind) <= 0.05 * count(texts, kind)).length
  return { texts: texts.length, hidden: texts.length - missed.length, kinds: kinds.size, hiddenKinds, missed }
}

/** Returns the lines of a text that are changed although they have no secret. */
export function changedLines(texts: readonly string[]): string[] {
  return texts.filter((text) => show(text) !== text)
}
