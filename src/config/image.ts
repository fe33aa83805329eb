import { digestForm } from '#core/request/image'
import type { File } from './schema.ts'
import type { Note } from './sets.ts'

/** The shell image: what it is called, and which bytes are meant where the owner says so (`sha256:…`). */
export type ConfiguredImage = { repo: string; version: string; digest?: string }

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The shell image of the file and the environment, which wins with the names that `kubectl retina shell` gives to its variables.
 * Undefined, with a mistake noted, where neither names one.
 */
export function toImage(file: File, env: Environment, mistake: Note, warning: Note): ConfiguredImage | undefined {
  const given = file.shell.image
  const repo = env['RETINA_SHELL_IMAGE_REPO'] || given?.repo
  const version = env['RETINA_SHELL_IMAGE_VERSION'] || given?.version
  if (repo === undefined || version === undefined) {
    mistake(['shell'], 'no shell image: give shell.image, or RETINA_SHELL_IMAGE_REPO and RETINA_SHELL_IMAGE_VERSION')
    return undefined
  }
  if (version.includes('@'))
    mistake(['shell'], 'RETINA_SHELL_IMAGE_VERSION is a tag; a digest is RETINA_SHELL_IMAGE_DIGEST')
  const digest = digestOf(version, file, env, mistake, warning)
  if (file.shell.pin === 'digest' && digest === undefined) {
    mistake(['shell', 'pin'], '"pin: digest" wants shell.image.digest, or RETINA_SHELL_IMAGE_DIGEST')
  }
  if (file.shell.pin === 'off') {
    const why = 'what somebody approves can be something else when it runs, since tags can be moved'
    warning(['shell', 'pin'], `the shell image isn't pinned by its digest: ${why}`)
  }
  return { repo, version, ...(digest === undefined ? {} : { digest }) }
}

function digestOf(version: string, file: File, env: Environment, mistake: Note, warning: Note): string | undefined {
  const own = env['RETINA_SHELL_IMAGE_DIGEST'] || undefined
  if (own !== undefined && !digestForm.test(own)) {
    mistake(['shell'], 'RETINA_SHELL_IMAGE_DIGEST is no digest; write sha256: and 64 hex digits')
  }
  const given = file.shell.image
  if (own !== undefined || given?.digest === undefined) return own
  // The same image in another registry has the same digest; another version has another one.
  if (version === given.version) return given.digest
  const message = `this digest is of version ${given.version}, and RETINA_SHELL_IMAGE_VERSION is ${version}: it isn't used`
  warning(['shell', 'image', 'digest'], message)
  return undefined
}
