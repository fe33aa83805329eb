import { expect, test } from '@jest/globals'
import { imageName, imageText, movedTag, runtimeImage, tagged, withDigest } from '#core/request/image'

const [one, two] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`]

test('an image’s name is split into its parts: a port is no tag', () => {
  expect(imageName('a.io:5000/x')).toEqual({ repo: 'a.io:5000/x' })
  expect(imageName(`a.io:5000/x:v1@${one}`)).toEqual({ repo: 'a.io:5000/x', tag: 'v1', digest: one })
  expect(imageName(`x@${one}`)).toEqual({ repo: 'x', digest: one })
})

test('a container runtime gets the digest without the tag, people see both', () => {
  const image = withDigest('a.io:5000/x:v1', one)
  expect(image).toBe(`a.io:5000/x:v1@${one}`)
  expect(withDigest(image, two)).toBe(`a.io:5000/x:v1@${two}`)
  expect(tagged(image)).toBe('a.io:5000/x:v1')
  expect(runtimeImage(image)).toBe(`a.io:5000/x@${one}`)
  expect(runtimeImage('a.io:5000/x:v1')).toBe('a.io:5000/x:v1')
  expect(imageText(image)).toBe('a.io:5000/x:v1 (sha256:aaaaaaaaaaaa…)')
  expect(imageText('x:v1')).toBe('x:v1')
})

test('a tag was moved when both digests are known and differ', () => {
  expect(movedTag(`x:v1@${one}`, `x:v1@${two}`)).toBe('x:v1 was sha256:aaaaaaaaaaaa… and is sha256:bbbbbbbbbbbb… now')
  expect(movedTag(`x:v1@${one}`, `x:v1@${one}`)).toBeUndefined()
  expect(movedTag(`x:v1@${one}`, 'x:v1')).toBeUndefined()
  expect(movedTag('x:v1', `x:v1@${one}`)).toBeUndefined()
})
