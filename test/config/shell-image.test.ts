import { expect, test } from '@jest/globals'
import { knownNames } from '#src/app/policy-file'
import { parseConfig } from '#src/config/load'

const names = { ...knownNames(), now: new Date('2026-11-24T00:00:00Z') }
const [one, two] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`]

/** Returns the image of a configuration with these fields of `shell:` and this environment, and the warnings about it. */
function load(shell: string, env: Record<string, string> = {}) {
  const loaded = parseConfig(`clusters: [{ name: dev }]\nshell: { ${shell} }\n`, env, names)
  if ('mistakes' in loaded) return { mistakes: loaded.mistakes.map(({ message }) => message) }
  return { ...loaded.config.shell, warnings: loaded.warnings.map(({ message }) => message) }
}

const image = 'image: { repo: a.io/shell, version: v1 }'
const pinned = image.replace('v1', `v1, digest: '${one}'`)

test('the image is pinned by the registry by default, and by the file’s digest if it has one', () => {
  const nothing = { pin: 'registry', registry: { insecure: [] }, warnings: [] }
  expect(load(image)).toMatchObject({ ...nothing, image: { repo: 'a.io/shell', version: 'v1' } })
  expect(load(pinned)).toMatchObject({ ...nothing, image: { repo: 'a.io/shell', version: 'v1', digest: one } })
  const more = "registry: { dockerConfig: /etc/pull/.dockerconfigjson, insecure: ['registry.lan:5000'] }"
  expect(load(`${image}, ${more}`)).toMatchObject({
    registry: { dockerConfig: '/etc/pull/.dockerconfigjson', insecure: ['registry.lan:5000'] },
  })
})

test('the environment’s digest wins; the file’s digest is for the file’s version, in any registry', () => {
  expect(load(pinned, { RETINA_SHELL_IMAGE_DIGEST: two })).toMatchObject({ image: { digest: two }, warnings: [] })
  const mirror = load(pinned, { RETINA_SHELL_IMAGE_REPO: 'mirror.lan/shell' })
  expect(mirror).toMatchObject({ image: { repo: 'mirror.lan/shell', digest: one }, warnings: [] })
  const newer = load(pinned, { RETINA_SHELL_IMAGE_VERSION: 'v2' })
  expect(newer).toMatchObject({ image: { repo: 'a.io/shell', version: 'v2' } })
  expect(newer).not.toHaveProperty('image.digest')
  expect(newer).toMatchObject({ warnings: [expect.stringContaining('this digest is for version v1')] })
  const both = { RETINA_SHELL_IMAGE_VERSION: 'v2', RETINA_SHELL_IMAGE_DIGEST: two }
  expect(load(pinned, both)).toMatchObject({ image: { version: 'v2', digest: two }, warnings: [] })
})

test('T38 pinning that is turned off gets a warning', () => {
  const warnings = [expect.stringMatching(/isn't pinned to a digest: a tag can be moved/)]
  expect(load(`${image}, pin: off`)).toMatchObject({ pin: 'off', warnings })
})

test.each([
  [image.replace('v1', `'v1@${one}'`), {}, /must be a tag; put a digest in "digest"/],
  [image.replace('v1', 'v1, digest: sha256:abc'), {}, /is not a valid digest; use sha256: and 64 hex digits/],
  [`${image}, pin: digest`, {}, /"pin: digest" requires shell\.image\.digest/],
  [`${image}, pin: always`, {}, /shell\.pin/],
  [`${image}, registry: { password: x }`, {}, /secrets are read only from the environment/],
  [image, { RETINA_SHELL_IMAGE_DIGEST: 'sha256:abc' }, /RETINA_SHELL_IMAGE_DIGEST is not a valid digest/],
  [image, { RETINA_SHELL_IMAGE_VERSION: `v1@${one}` }, /RETINA_SHELL_IMAGE_VERSION must be a tag/],
])('%s with %j is a mistake', (shell, env, message) => {
  expect(load(shell, env)).toEqual({ mistakes: [expect.stringMatching(message)] })
})
