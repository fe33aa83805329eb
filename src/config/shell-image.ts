import { digestForm } from '#core/request/image'
import { defined } from '#core/util/defined'
import type { Note } from '#src/yaml/positions'
import type { File } from './schema.ts'

/** Shell image: its repository, tag (`version`) and, where the owner pins it, its digest (`sha256:…`). */
export type ConfiguredImage = { repo: string; version: string; digest?: string }

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Returns the shell image from the file and the environment. The environment has priority, with the same variable names
 * as `kubectl retina shell`. Returns undefined and reports a mistake where neither names an image.
 */
export function toImage(file: File, env: Environment, mistake: Note, warning: Note): ConfiguredImage | undefined {
  const given = file.shell.image
  const repo = env['RETINA_SHELL_IMAGE_REPO'] || given?.repo
  const version = env['RETINA_SHELL_IMAGE_VERSION'] || given?.version
  if (repo === undefined || version === undefined) {
    mistake(['shell'], 'no shell image: set shell.image, or RETINA_SHELL_IMAGE_REPO and RETINA_SHELL_IMAGE_VERSION')
    return undefined
  }
  if (version.includes('@'))
    mistake(['shell'], 'RETINA_SHELL_IMAGE_VERSION must be a tag; put a digest in RETINA_SHELL_IMAGE_DIGEST')
  const digest = readDigest(version, file, env, mistake, warning)
  if (file.shell.pin === 'digest' && digest === undefined) {
    mistake(['shell', 'pin'], '"pin: digest" requires shell.image.digest or RETINA_SHELL_IMAGE_DIGEST')
  }
  if (file.shell.pin === 'off') {
    const why = 'a tag can be moved, so a different image may run than the one approved'
    warning(['shell', 'pin'], `the shell image isn't pinned to a digest: ${why}`)
  }
  return { repo, version, ...defined({ digest }) }
}

function readDigest(version: string, file: File, env: Environment, mistake: Note, warning: Note): string | undefined {
  const fromEnvironment = env['RETINA_SHELL_IMAGE_DIGEST'] || undefined
  if (fromEnvironment !== undefined && !digestForm.test(fromEnvironment)) {
    mistake(['shell'], 'RETINA_SHELL_IMAGE_DIGEST is not a valid digest; use sha256: and 64 hex digits')
  }
  const given = file.shell.image
  if (fromEnvironment !== undefined || given?.digest === undefined) return fromEnvironment
  // The same image in another registry has the same digest, but another version has a different one.
  if (version === given.version) return given.digest
  const message = `this digest is for version ${given.version}, but RETINA_SHELL_IMAGE_VERSION is ${version}, so it isn't used`
  warning(['shell', 'image', 'digest'], message)
  return undefined
}
