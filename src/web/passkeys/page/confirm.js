const byId = (id) => document.getElementById(id)
const token = location.hash.slice(1)
// Removes the token from the address bar and the history: the link is valid until it is used.
history.replaceState(null, '', location.pathname)
// Reloads for another link that is opened in this tab: it differs after the `#` only.
addEventListener('hashchange', () => location.reload())

async function call(path, fields) {
  const answer = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, ...fields }),
  }).catch(() => undefined)
  return answer === undefined ? { refused: 'The bot could not be reached.' } : answer.json()
}

function showEnd(title, text) {
  byId('title').textContent = title
  byId('state').textContent = text
  byId('go').hidden = true
}

async function askPasskey({ kind, options }) {
  if (kind === 'enrol') {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options)
    return (await navigator.credentials.create({ publicKey })).toJSON()
  }
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options)
  return (await navigator.credentials.get({ publicKey })).toJSON()
}

/** Creates a labelled fact; an instant also in the reader's time zone. */
function field({ label, value, as }) {
  const text = as === 'instant' ? `${value} (${new Date(value).toLocaleString()})` : value
  const row = document.createElement('div')
  row.append(
    Object.assign(document.createElement('dt'), { textContent: label }),
    Object.assign(document.createElement('dd'), { textContent: text, className: as ?? '' }),
  )
  return row
}

const found = await call('/confirm/look', {})
if (found.refused !== undefined) showEnd('Nothing to confirm', found.refused)
else {
  byId('who').textContent = `For ${found.by} only`
  byId('title').textContent = found.title
  byId('text').textContent = found.text ?? ''
  byId('fields').append(...found.fields.map(field))
  byId('facts').append(...found.facts.map((fact) => Object.assign(document.createElement('li'), { textContent: fact })))
  const go = byId('go')
  go.textContent = found.kind === 'enrol' ? 'Add a passkey' : 'Approve with my passkey'
  go.hidden = false
  go.onclick = async () => {
    go.disabled = true
    byId('state').textContent = 'Waiting for your passkey…'
    try {
      const result = await call('/confirm/use', { answer: await askPasskey(found) })
      if (result.refused === undefined) showEnd('Done', result.done)
      else showEnd('Not confirmed', result.refused)
    } catch {
      // Canceled by the person, or no passkey on this device: the link has not been used.
      byId('state').textContent = 'No passkey was used. Try again on the device that has it.'
      go.disabled = false
    }
  }
}
