import { generateKeyPairSync, sign } from 'node:crypto'

/** Makes a key pair as a page's browser does; `prove` signs what a connection has to prove, in base64url. */
export function sampleBrowserKey() {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '' } = pair.publicKey.export({ format: 'jwk' })
  return {
    key: { x, y },
    prove: ({ origin, id, nonce }: { origin: string; id: string; nonce: string }) =>
      sign('sha256', Buffer.from(`retina-terminal\n${origin}\n${id}\n${nonce}`), {
        key: pair.privateKey,
        dsaEncoding: 'ieee-p1363',
      }).toString('base64url'),
  }
}
