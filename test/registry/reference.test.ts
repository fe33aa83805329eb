import { expect, test } from '@jest/globals'
import { challengeOf } from '#src/registry/challenge'
import { registryReferenceOf } from '#src/registry/reference'

test.each([
  ['nginx:1', 'https://registry-1.docker.io/v2/', 'library/nginx', '1'],
  ['nginx', 'https://registry-1.docker.io/v2/', 'library/nginx', 'latest'],
  ['team/app:v1', 'https://registry-1.docker.io/v2/', 'team/app', 'v1'],
  ['docker.io/nginx:1', 'https://registry-1.docker.io/v2/', 'library/nginx', '1'],
  ['a.io/x/y/z:v1', 'https://a.io/v2/', 'x/y/z', 'v1'],
  ['a.io:5000/x:v1', 'https://a.io:5000/v2/', 'x', 'v1'],
  ['localhost:5000/x:v1', 'http://localhost:5000/v2/', 'x', 'v1'],
  ['127.0.0.1:5000/x:v1', 'http://127.0.0.1:5000/v2/', 'x', 'v1'],
  ['plain.lan:5000/x:v1', 'http://plain.lan:5000/v2/', 'x', 'v1'],
  ['plain.lan/x:v1', 'https://plain.lan/v2/', 'x', 'v1'],
])('%s is looked up at %s', (image, api, name, reference) => {
  const found = registryReferenceOf(image, ['plain.lan:5000'])
  expect(found).toMatchObject({ name, reference })
  expect('api' in found && found.api.href).toBe(api)
})

test.each(['a.io/../x:v1', 'a.io/x y:v1', 'a.io:99999/x:v1', 'a.io/x:', 'a@b.io/x?y:v1', 'a.io/X:v1', '', '/x'])(
  '"%s" is no name of an image, and no registry is asked',
  (image) => {
    expect(registryReferenceOf(image, [])).toEqual({ problem: `"${image}" is not a valid image name` })
  },
)

test('an image that was loaded by hand is in no registry', () => {
  expect(registryReferenceOf('localhost/shell:dev', [])).toEqual({
    problem: 'localhost/shell:dev is not in any registry',
  })
})

test.each([
  ['Bearer realm="https://a.io/token",service="a.io",scope="repository:x:pull"', 'https://a.io/token'],
  ['bearer  realm="https://a.io/token" , service="a.io, of \\"us\\""', 'https://a.io/token'],
  ['Basic realm="x", Bearer realm="https://b.io/t",service=b', 'https://b.io/t'],
  ['Basic realm="Registry"', undefined],
])('challenge %s', (header, realm) => {
  expect(challengeOf(header)).toMatchObject(realm === undefined ? { scheme: 'basic' } : { scheme: 'bearer', realm })
})

test('a missing challenge and one of another scheme give nothing', () => {
  expect(challengeOf('')).toBeUndefined()
  expect(challengeOf('Negotiate')).toBeUndefined()
})
