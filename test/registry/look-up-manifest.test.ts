import { writeFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { digestOf } from '#src/registry/look-up-manifest'
import { startFakeRegistry } from '#test/fakes/registry/server'
import { push } from '#test/fakes/registry/state'
import { useRegistry } from './use-registry.ts'

const { registry, file, credentials } = useRegistry()
const timing = { registryTimeoutMs: 5_000, registryRetryMs: 10 }
const look = (name = 'retina/shell:v1', more = {}, times = {}) =>
  digestOf(`${registry().host}/${name}`, { insecure: [], ...more }, { ...timing, ...times })
const requests = () => registry().state.requests.map(({ line, status }) => `${line} ${status}`)

test('T37 a tag’s digest is read by one HEAD request, and differs once the tag was moved', async () => {
  const { state } = registry()
  const first = push(state, 'retina/shell', 'v1')
  expect(await look()).toEqual({ digest: first })
  expect(requests()).toEqual(['HEAD /v2/retina/shell/manifests/v1 200'])
  const second = push(state, 'retina/shell', 'v1')
  expect(second).not.toBe(first)
  expect(await look()).toEqual({ digest: second })
})

test.each([
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
])('a manifest of the type %s is accepted', async (type) => {
  const digest = push(registry().state, 'retina/shell', 'v1', type)
  expect(await look()).toEqual({ digest })
})

test('if HEAD fails or has no digest, the manifest itself is hashed', async () => {
  const digest = push(registry().state, 'retina/shell', 'v1')
  registry().misbehave((method) => (method === 'HEAD' ? { status: 405 } : undefined))
  expect(await look()).toEqual({ digest })
  const text = registry().state.repositories.get('retina/shell')?.manifests.get(digest)?.text ?? ''
  registry().misbehave(() => ({ status: 200, body: text }))
  expect(await look()).toEqual({ digest })
})

test('an anonymous token is fetched from the token service that the registry names', async () => {
  const { state } = registry()
  state.auth = 'bearer'
  state.open.add('retina/shell')
  const digest = push(state, 'retina/shell', 'v1')
  expect(await look()).toEqual({ digest })
  expect(requests()).toEqual([
    'HEAD /v2/retina/shell/manifests/v1 401',
    'GET /token 200',
    'HEAD /v2/retina/shell/manifests/v1 200',
  ])
})

test.each(['bearer', 'basic'] as const)(
  'a private repository (%s) is read with the credentials of the Docker configuration',
  async (auth) => {
    const { state, host } = registry()
    state.auth = auth
    const digest = push(state, 'retina/shell', 'v1')
    expect(await look()).toEqual({ problem: expect.stringMatching(/does not let the bot read|did not issue a token/) })
    const right = Buffer.from(`${state.user.name}:${state.user.password}`).toString('base64')
    credentials({ [host]: { auth: right }, 'other.io': { auth: 'eDp5' } })
    expect(await look()).toEqual({ digest })
    credentials({ [`https://${host}/v2/`]: { username: state.user.name, password: state.user.password } })
    expect(await look()).toEqual({ digest })
    credentials({ [host]: { auth: 'eDp5' }, [`${host}/retina`]: { auth: right } })
    expect(await look()).toEqual({ digest })
    credentials({ [`${host}/retin`]: { auth: right } })
    expect(await look()).toHaveProperty('problem')
  },
)

test('a refresh token, as cloud registries give to `docker login`, is exchanged for an access token', async () => {
  const { state, host } = registry()
  state.auth = 'bearer'
  const digest = push(state, 'retina/shell', 'v1')
  credentials({ [host]: { auth: 'MDAwOg==', identitytoken: state.user.refreshToken } })
  expect(await look()).toEqual({ digest })
  credentials({ [host]: { auth: 'MDAwOg==', identitytoken: 'another' } })
  expect(await look()).toEqual({ problem: `the token service of ${host} did not issue a token (401)` })
})

test('a configured file is read, such as a secret’s `.dockerconfigjson`; a missing or invalid one is reported without its content', async () => {
  const { state, host } = registry()
  state.auth = 'basic'
  const digest = push(state, 'retina/shell', 'v1')
  credentials({ [host]: { username: state.user.name, password: state.user.password } })
  const own = `${file}.dockerconfigjson`
  expect(await look(undefined, { dockerConfig: own })).toEqual({
    problem: `the registry's credentials can't be read from ${own}`,
  })
  writeFileSync(own, `{"auths": ${state.user.password}`)
  expect(await look(undefined, { dockerConfig: own })).toEqual({ problem: `${own} is not a Docker configuration file` })
  writeFileSync(
    own,
    JSON.stringify({ auths: { [host]: { username: state.user.name, password: state.user.password } } }),
  )
  expect(await look(undefined, { dockerConfig: own })).toEqual({ digest })
})

test('a registry that is busy or fails for a moment is asked once more; one that keeps failing is reported', async () => {
  const digest = push(registry().state, 'retina/shell', 'v1')
  const once = (status: number, headers = {}) => {
    let first = true
    registry().misbehave(() => {
      const answer = first ? { status, headers } : undefined
      first = false
      return answer
    })
  }
  once(429, { 'retry-after': '1' })
  expect(await look()).toEqual({ digest })
  once(503)
  expect(await look()).toEqual({ digest })
  registry().misbehave(() => ({ status: 429 }))
  expect(await look()).toEqual({ problem: `${registry().host} limits the bot's requests` })
  registry().state.requests.length = 0
  registry().misbehave(() => ({ status: 429, headers: { 'retry-after': '3600' } }))
  expect(await look()).toEqual({ problem: `${registry().host} limits the bot's requests` })
  // A Retry-After of an hour isn't waited for, by HEAD or by GET.
  expect(requests()).toHaveLength(2)
  registry().misbehave(() => ({ status: 500 }))
  expect(await look()).toEqual({ problem: `${registry().host} has an internal error (500)` })
})

test('a missing image, an unreachable registry, and one that never answers are reported as such, in time', async () => {
  const { host, state, misbehave, close } = registry()
  push(state, 'retina/shell', 'v1')
  expect(await look('retina/shell:v2')).toEqual({ problem: `${host} has no retina/shell:v2` })
  misbehave(() => ({ status: 403 }))
  expect(await look()).toEqual({ problem: `${host} does not let the bot read retina/shell` })
  misbehave(() => ({ status: 200, headers: { 'docker-content-digest': 'sha256:../../etc' } }))
  expect(await look()).toEqual({ problem: `${host} returned a digest that isn't SHA-256` })
  misbehave((method) =>
    method === 'HEAD'
      ? { status: 404 }
      : { status: 200, headers: { 'docker-content-digest': `sha256:${'0'.repeat(64)}` }, body: '{}' },
  )
  expect(await look()).toEqual({ problem: `${host} returned a manifest that does not match its digest` })
  misbehave((method) => (method === 'HEAD' ? { status: 404 } : { status: 200, body: 'x'.repeat(5_000_000) }))
  expect(await look()).toEqual({ problem: 'the response is too long for a manifest' })
  misbehave(() => 'silent')
  const begin = Date.now()
  const silent = await look(undefined, {}, { registryTimeoutMs: 500 })
  expect(silent).toEqual({ problem: `${host} did not respond within 0.5 s` })
  expect(Date.now() - begin).toBeLessThan(8_000)
  await close()
  expect(await look()).toEqual({ problem: `${host} is unreachable (ECONNREFUSED)` })
})

test('redirects are followed up to a limit, without credentials to another host, and never to an unencrypted one', async () => {
  const other = await startFakeRegistry()
  try {
    const { host, state, misbehave } = registry()
    state.auth = 'basic'
    push(state, 'retina/shell', 'v1')
    const digest = push(other.state, 'retina/shell', 'v1')
    credentials({ [host]: { username: state.user.name, password: state.user.password } })
    const path = '/v2/retina/shell/manifests/v1'
    let shown = false
    misbehave(() => {
      // Redirects only requests that carried the password.
      const answer = shown ? { status: 307, headers: { location: `http://${other.host}${path}` } } : undefined
      shown = true
      return answer
    })
    expect(await look()).toEqual({ digest })
    expect(other.state.requests).toEqual([{ line: `HEAD ${path}`, status: 200 }])
    misbehave(() => ({ status: 302, headers: { location: path } }))
    expect(await look()).toEqual({ problem: `${host} redirects too many times` })
    misbehave(() => ({ status: 302, headers: { location: 'http://169.254.169.254/latest' } }))
    expect(await look()).toEqual({ problem: `${host} redirects to 169.254.169.254 without encryption` })
  } finally {
    await other.close()
  }
})

test('a token service on another host isn’t asked without encryption, since it would get the password', async () => {
  const { host, state, misbehave } = registry()
  credentials({ [host]: { username: state.user.name, password: state.user.password } })
  const challenge = 'Bearer realm="http://169.254.169.254/token",service="x"'
  misbehave(() => ({ status: 401, headers: { 'www-authenticate': challenge } }))
  expect(await look()).toEqual({ problem: `${host} redirects to 169.254.169.254 without encryption` })
})
