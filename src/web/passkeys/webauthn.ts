import { createHash, randomBytes } from 'node:crypto'
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import type { Confirmation, Passkey } from '#core/approvals/confirmation'
import type { OpeningPasskeys } from '#core/ports/passkeys'
import { type Values, verified } from '#core/ports/store'
import { passkeyCredentials } from './credentials.ts'

/** Seconds for which a link to confirm, and an invitation, can be used. */
const confirmSeconds = 300
const inviteSeconds = 24 * 3_600

export type Passkeys = OpeningPasskeys & {
  /** Returns the address of a page where it can be confirmed, once. */
  link: (confirmation: Confirmation) => Promise<string>
  /**
   * Returns what a link is for, and the WebAuthn options for the browser; undefined for a link that was used or has
   * expired. Changes nothing.
   */
  look: (token: string) => Promise<{ confirmation: Confirmation; options: object } | undefined>
  /** Uses up the link. Returns what it was for and the id of the passkey, or why it was refused. */
  use: (
    token: string,
    answer: unknown,
  ) => Promise<{ confirmation: Confirmation; passkey: string } | { refused: string }>
  ofPerson: (id: string) => Promise<readonly Passkey[]>
  /** Removes all passkeys of a person. */
  remove: (id: string) => Promise<void>
}

type PasskeyOptions = { store: Values; url: URL; now: () => Date }

/** Loads the library at the first confirmation, since it takes about 20 MB. */
const loadWebauthn = () => import('@simplewebauthn/server')

/** Confirms by WebAuthn with `@simplewebauthn/server`; user verification (finger, face, PIN) is always required. */
export function passkeys(context: PasskeyOptions): Passkeys {
  const { store, url } = context
  const rpID = url.hostname
  const { ofPerson, save, remove } = passkeyCredentials(store)
  const keyOf = (token: string) => createHash('sha256').update(token).digest('hex')
  const signedBy = async (person: string, answer: unknown, expected: Expected): Promise<string | undefined> => {
    const own = await ofPerson(person)
    const used = await verifySignature(answer, expected, own)
    if (used === undefined) return undefined
    await save(
      person,
      own.map((each) => (each.id === used.id ? used : each)),
    )
    return used.id
  }
  /** What a signature has to prove: this challenge and page, and that its person was verified. */
  const expectedAt = (origin: string, challenge: Uint8Array): Expected => ({
    expectedChallenge: Buffer.from(challenge).toString('base64url'),
    expectedOrigin: origin,
    expectedRPID: rpID,
    requireUserVerification: true,
  })
  return {
    async link(confirmation) {
      const token = randomBytes(32).toString('base64url')
      const seconds = confirmation.kind === 'enrol' ? inviteSeconds : confirmSeconds
      await store.setValue('confirmation', keyOf(token), confirmation, seconds)
      // The part after `#` is never sent to a server, so it appears in no log; a scanner that opens the page changes
      // nothing.
      return `${new URL('/confirm', url)}#${token}`
    },
    async look(token) {
      const confirmation = verified(await store.getValue('confirmation', keyOf(token)))
      if (confirmation === undefined) return undefined
      const { by } = confirmation
      const own = (await ofPerson(by.id)).map(({ id }) => ({ id }))
      const challenge = challengeOf(token, confirmation)
      if (confirmation.kind === 'approve') {
        return { confirmation, options: await signOptions(rpID, challenge, own) }
      }
      return { confirmation, options: await enrolOptions(rpID, by, challenge, own) }
    },
    async use(token, answer) {
      // Deletes the token before it checks the answer: each link allows one attempt.
      const confirmation = verified(await store.takeValue('confirmation', keyOf(token)))
      if (confirmation === undefined)
        return { refused: 'This link was already used or has expired. Ask for another one.' }
      const expected = expectedAt(url.origin, challengeOf(token, confirmation))
      const own = await ofPerson(confirmation.by.id)
      if (confirmation.kind === 'enrol') {
        const added = await verifyEnrolment(answer, expected, context.now())
        if (added === undefined) return { refused: 'The passkey could not be added: its response is not valid.' }
        await save(confirmation.by.id, [...own, added])
        return { confirmation, passkey: added.id }
      }
      const passkey = await signedBy(confirmation.by.id, answer, expected)
      if (passkey === undefined) return { refused: `This was not signed by a passkey of ${confirmation.by.name}.` }
      return { confirmation, passkey }
    },
    async openingOptions(person, challenge) {
      const own = (await ofPerson(person)).map(({ id }) => ({ id }))
      return own.length === 0 ? undefined : signOptions(rpID, new Uint8Array(challenge), own)
    },
    openedBy: (person, answer, { challenge, origin }) => signedBy(person, answer, expectedAt(origin, challenge)),
    ofPerson,
    remove,
  }
}

/**
 * Returns the challenge that a passkey signs: a SHA-256 over the link's token and the request, so that a signature for
 * one request is invalid for another.
 */
function challengeOf(token: string, confirmation: Confirmation): Uint8Array<ArrayBuffer> {
  const what = confirmation.kind === 'approve' ? `${confirmation.run}\n${confirmation.specHash}` : confirmation.by.id
  return new Uint8Array(createHash('sha256').update(`${confirmation.kind}\n${token}\n${what}`).digest())
}

async function signOptions(rpID: string, challenge: Uint8Array<ArrayBuffer>, own: readonly { id: string }[]) {
  const { generateAuthenticationOptions } = await loadWebauthn()
  return generateAuthenticationOptions({ rpID, challenge, allowCredentials: [...own], userVerification: 'required' })
}

async function enrolOptions(
  rpID: string,
  by: { id: string; name: string },
  challenge: Uint8Array<ArrayBuffer>,
  own: readonly { id: string }[],
) {
  const { generateRegistrationOptions } = await loadWebauthn()
  return generateRegistrationOptions({
    rpID,
    rpName: 'Retina ChatOps',
    userName: by.id,
    userDisplayName: by.name,
    userID: new Uint8Array(createHash('sha256').update(by.id).digest()),
    challenge,
    excludeCredentials: [...own],
    authenticatorSelection: { userVerification: 'required', residentKey: 'preferred' },
  })
}

type Expected = {
  expectedChallenge: string
  expectedOrigin: string
  expectedRPID: string
  requireUserVerification: boolean
}

// The library throws for an answer that is malformed or doesn't match; either way nothing is proven.
async function verifyEnrolment(answer: unknown, expected: Expected, now: Date): Promise<Passkey | undefined> {
  const { verifyRegistrationResponse } = await loadWebauthn()
  try {
    const result = await verifyRegistrationResponse({ response: answer as RegistrationResponseJSON, ...expected })
    if (!result.verified) return undefined
    const { id, publicKey, counter } = result.registrationInfo.credential
    return { id, publicKey: Buffer.from(publicKey).toString('base64url'), counter, addedAt: now.toISOString() }
  } catch {
    return undefined
  }
}

async function verifySignature(
  answer: unknown,
  expected: Expected,
  own: readonly Passkey[],
): Promise<Passkey | undefined> {
  const response = (answer ?? {}) as AuthenticationResponseJSON
  const passkey = own.find(({ id }) => id === response.id)
  if (passkey === undefined) return undefined
  const { verifyAuthenticationResponse } = await loadWebauthn()
  const credential = { ...passkey, publicKey: new Uint8Array(Buffer.from(passkey.publicKey, 'base64url')) }
  try {
    const result = await verifyAuthenticationResponse({ response, credential, ...expected })
    return result.verified ? { ...passkey, counter: result.authenticationInfo.newCounter } : undefined
  } catch {
    return undefined
  }
}
