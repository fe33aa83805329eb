import { createHash, randomBytes } from 'node:crypto'
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import type { Confirmation } from '#core/approvals/confirmation'
import type { Signer } from '#core/ports/signing'
import type { Store } from '#core/ports/store'
import { type Passkey, passkeyCredentials } from './credentials.ts'

/** Seconds in which a link to confirm, and an invitation, can be used. */
const confirmSeconds = 300
const inviteSeconds = 24 * 3_600

export type Passkeys = {
  /** The address of a page where it can be done, once. */
  link: (confirmation: Confirmation) => Promise<string>
  /** What a link is for, and what the browser is to be asked; undefined for one that was used, or is too old. Changes nothing. */
  look: (token: string) => Promise<{ confirmation: Confirmation; options: object } | undefined>
  /** Uses the link. Answers what it was for and with which passkey it was done, or why not. */
  use: (
    token: string,
    answer: unknown,
  ) => Promise<{ confirmation: Confirmation; passkey: string } | { refused: string }>
  ofPerson: (id: string) => Promise<readonly Passkey[]>
  /** Forgets all passkeys of a person. */
  remove: (id: string) => Promise<void>
}

type House = { store: Store; signer: Signer; url: URL; now: () => Date }

/** Takes some 20 MB: loaded by the first who confirms something. */
const webauthn = () => import('@simplewebauthn/server')

/** WebAuthn by `@simplewebauthn/server`; user verification (finger, face, PIN) is always required. */
export function passkeys(context: House): Passkeys {
  const { store, signer, url } = context
  const rpID = url.hostname
  const { ofPerson, save, remove } = passkeyCredentials(store, signer)
  const keyOf = (token: string) => `confirmation:${createHash('sha256').update(token).digest('hex')}`
  const read = (token: string, text: string | undefined) => {
    const own = signer.open(keyOf(token), text)
    return own === undefined ? undefined : (JSON.parse(own) as Confirmation)
  }
  return {
    async link(confirmation) {
      const token = randomBytes(32).toString('base64url')
      const key = keyOf(token)
      const seconds = confirmation.kind === 'enrol' ? inviteSeconds : confirmSeconds
      await store.set(key, signer.sign(key, JSON.stringify(confirmation)), seconds)
      // Behind `#` it is never sent to a server, and so stands in nobody's log; a scanner that opens the page does nothing.
      return `${new URL('/confirm', url)}#${token}`
    },
    async look(token) {
      const confirmation = read(token, await store.get(keyOf(token)))
      if (confirmation === undefined) return undefined
      const { by } = confirmation
      const own = (await ofPerson(by.id)).map(({ id }) => ({ id }))
      const challenge = challengeOf(token, confirmation)
      if (confirmation.kind === 'approve') {
        const options = { rpID, challenge, allowCredentials: own, userVerification: 'required' as const }
        const { generateAuthenticationOptions } = await webauthn()
        return { confirmation, options: await generateAuthenticationOptions(options) }
      }
      return { confirmation, options: await enrolOptions(rpID, by, challenge, own) }
    },
    async use(token, answer) {
      // Taken before it is looked at: one link, one try.
      const confirmation = read(token, await store.getAndDelete(keyOf(token)))
      if (confirmation === undefined)
        return { refused: 'This link was used already, or is too old. Ask for another one.' }
      const expected = {
        expectedChallenge: Buffer.from(challengeOf(token, confirmation)).toString('base64url'),
        expectedOrigin: url.origin,
        expectedRPID: rpID,
        requireUserVerification: true,
      }
      const own = await ofPerson(confirmation.by.id)
      if (confirmation.kind === 'enrol') {
        const added = await enrolled(answer, expected, context.now())
        if (added === undefined) return { refused: 'The passkey could not be added: its answer is not the right one.' }
        await save(confirmation.by.id, [...own, added])
        return { confirmation, passkey: added.id }
      }
      const used = await verified(answer, expected, own)
      if (used === undefined) return { refused: `This was not signed by a passkey of ${confirmation.by.name}.` }
      await save(
        confirmation.by.id,
        own.map((each) => (each.id === used.id ? used : each)),
      )
      return { confirmation, passkey: used.id }
    },
    ofPerson,
    remove,
  }
}

/** What is signed: this link, for this. A signature for one request is worth nothing for another. */
function challengeOf(token: string, confirmation: Confirmation): Uint8Array<ArrayBuffer> {
  const what = confirmation.kind === 'approve' ? `${confirmation.run}\n${confirmation.specHash}` : confirmation.by.id
  return new Uint8Array(createHash('sha256').update(`${confirmation.kind}\n${token}\n${what}`).digest())
}

async function enrolOptions(
  rpID: string,
  by: { id: string; name: string },
  challenge: Uint8Array<ArrayBuffer>,
  own: readonly { id: string }[],
) {
  const { generateRegistrationOptions } = await webauthn()
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

// The library throws for an answer that isn't well-formed or not the right one; either way it is no proof.
async function enrolled(answer: unknown, expected: Expected, now: Date): Promise<Passkey | undefined> {
  const { verifyRegistrationResponse } = await webauthn()
  try {
    const result = await verifyRegistrationResponse({ response: answer as RegistrationResponseJSON, ...expected })
    if (!result.verified) return undefined
    const { id, publicKey, counter } = result.registrationInfo.credential
    return { id, publicKey: Buffer.from(publicKey).toString('base64url'), counter, addedAt: now.toISOString() }
  } catch {
    return undefined
  }
}

async function verified(answer: unknown, expected: Expected, own: readonly Passkey[]): Promise<Passkey | undefined> {
  const response = answer as AuthenticationResponseJSON
  const passkey = own.find(({ id }) => id === response.id)
  if (passkey === undefined) return undefined
  const { verifyAuthenticationResponse } = await webauthn()
  const credential = { ...passkey, publicKey: new Uint8Array(Buffer.from(passkey.publicKey, 'base64url')) }
  try {
    const result = await verifyAuthenticationResponse({ response, credential, ...expected })
    return result.verified ? { ...passkey, counter: result.authenticationInfo.newCounter } : undefined
  } catch {
    return undefined
  }
}
