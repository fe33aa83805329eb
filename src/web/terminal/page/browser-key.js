/** Name of the database in which this browser keeps the keys of its sessions. They can't be exported, not even by this page. */
const databaseName = 'retina-terminal'

function openDatabase() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(databaseName, 1)
    request.onupgradeneeded = () => request.result.createObjectStore('keys')
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

async function inStore(mode, work) {
  const database = await openDatabase()
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction('keys', mode)
      const request = work(transaction.objectStore('keys'))
      transaction.oncomplete = () => resolve(request.result)
      transaction.onerror = () => reject(transaction.error)
    })
  } finally {
    database.close()
  }
}

/** Returns this browser's key pair for a session; undefined where it has none. */
export function storedKey(id) {
  return inStore('readonly', (store) => store.get(id))
}

/** Deletes this browser's key for a session that has ended. */
export function deleteKey(id) {
  return inStore('readwrite', (store) => store.delete(id))
}

function postClaim(body) {
  return fetch('/t/claim', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
    .then((response) => response.json())
    .catch(() => ({ refused: 'The bot could not be reached. Try again.' }))
}

/** Has the person's passkey sign the use of the link by this browser, and uses it. */
async function claimWithPasskey(body, options) {
  try {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options)
    const answer = (await navigator.credentials.get({ publicKey })).toJSON()
    return await postClaim({ ...body, answer })
  } catch {
    // Canceled by the person, or no passkey on this device: the link has not been used.
    return { refused: 'This shell opens with your passkey, and none was used. Try again on the device that has it.' }
  }
}

/**
 * Uses a link's token once: makes a key pair, whose private half never leaves this browser, and binds the session to it.
 * `onPasskey` is called where the person's passkey is asked for first.
 */
export async function claim(id, token, onPasskey) {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
  const { x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey)
  // Stored first: a browser that can't store it mustn't use the link up.
  const earlier = await storedKey(id)
  await inStore('readwrite', (store) => store.put(pair, id))
  const first = await postClaim({ id, token, key: { x, y } })
  if (first.passkey !== undefined) onPasskey()
  const answer =
    first.passkey === undefined ? first : await claimWithPasskey({ id, token, key: { x, y } }, first.passkey)
  if (answer.claimed) return { pair }
  await inStore('readwrite', (store) => (earlier === undefined ? store.delete(id) : store.put(earlier, id)))
  return { refused: answer.refused ?? 'Something went wrong. Try again.' }
}

/** Signs what proves to the server, for one connection, that this browser opened the session's link. */
export async function prove(pair, { id, nonce }) {
  const text = new TextEncoder().encode(`retina-terminal\n${location.origin}\n${id}\n${nonce}`)
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, text)
  return btoa(String.fromCharCode(...new Uint8Array(signature)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}
