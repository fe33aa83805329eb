import { expect, test } from '@jest/globals'
import { NewerFormatError } from '#core/ports/signing'
import { alsoEarlier, createSigner, earlierSigner, signerFor } from '#src/redis/hmac-signer'
import { signLater } from './sign-later.ts'

const [old, present, stranger] = ['o'.repeat(32), 'p'.repeat(32), 's'.repeat(32)]

test('the first secret signs, and all of them verify', () => {
  const before = signerFor([old, present], 'values')
  const after = signerFor([present, old], 'values')
  const byOld = before.sign('k', 'text')
  const byPresent = after.sign('k', 'text')
  expect(byOld).not.toBe(byPresent)
  for (const signed of [byOld, byPresent])
    for (const signer of [before, after]) expect(signer.verify('k', signed)).toBe('text')
  expect(signerFor(present, 'values').verify('k', byOld)).toBeUndefined()
  expect(after.verify('k', signerFor(stranger, 'values').sign('k', 'text'))).toBeUndefined()
  expect(after.verify('other', byOld)).toBeUndefined()
  expect(signerFor([present, old], 'runs').verify('k', byOld)).toBeUndefined()
  expect(after.forms('k', 'text')).toEqual([byPresent, byOld])
})

test('what version 0.1 signed with any of the secrets is verified too', () => {
  const signer = alsoEarlier(signerFor([present, old], 'sessions'), [present, old])
  for (const secret of [old, present]) expect(signer.verify('k', earlierSigner(secret).sign('k', 'text'))).toBe('text')
  expect(signer.verify('k', earlierSigner(stranger).sign('k', 'text'))).toBeUndefined()
})

test('a text of a newer format is neither misread nor taken for forged: the error says what to do', () => {
  const signer = createSigner(present, [old])
  for (const by of [present, old]) {
    expect(() => signer.verify('run:a', signLater(by, 'run:a', '{}'))).toThrow(NewerFormatError)
  }
  expect(() => signer.verify('run:a', signLater(present, 'run:a', '{}'))).toThrow(
    'run:a in Redis has format 2, and this version reads up to 1: a newer version of Retina ChatOps wrote it. Upgrade this process; nothing was changed.',
  )
})

test('T44 a tag of a newer format without a valid signature is a forged text', () => {
  const signer = createSigner(present)
  const signed = signer.sign('run:a', '{}')
  for (const forged of [
    `f2.${signed}`,
    'f2..{}',
    'f999999.x.{}',
    signLater(stranger, 'run:a', '{}'),
    signLater(present, 'run:b', '{}'),
  ])
    expect(signer.verify('run:a', forged)).toBeUndefined()
  // The tag of this version's own format isn't written, and means nothing.
  expect(signer.verify('run:a', `f1.${signed}`)).toBeUndefined()
})

test('without a secret texts are as they are, and newer formats are still refused', () => {
  const signer = createSigner(undefined)
  expect(signer.verify('k', signer.sign('k', 'a.b'))).toBe('a.b')
  expect(() => signer.verify('k', 'f2..text')).toThrow(NewerFormatError)
})
