import { claim, deleteKey, storedKey } from './browser-key.js'
import { connect } from './connection.js'
import { barKeys, cleanPaste, maxPasted, whyAsk, withControl } from './paste-and-keys.js'
import { openScreen } from './screen.js'

const byId = (id) => document.getElementById(id)
const id = location.pathname.split('/').at(-1)
const token = location.hash.slice(1)
// The token leaves the address bar and the history before anything else is done.
history.replaceState(null, '', location.pathname)
addEventListener('hashchange', () => location.reload())
const savedName = `terminal:${id}`
const encoder = new TextEncoder()
const { dataset } = document.documentElement

function note(text) {
  byId('note').textContent = text
  byId('note').hidden = text === ''
}

const stateTexts = {
  connecting: 'Connecting…',
  starting: 'Starting the shell…',
  reconnecting: 'Connection lost; connecting again…',
  unreachable: 'Connection lost; connecting again…',
  offline: 'This device is offline; the shell goes on.',
  open: 'Connected',
  ended: 'Ended',
}

function showState(state) {
  byId('state').textContent = stateTexts[state]
  dataset.state = state
  if (state === 'unreachable')
    note(
      'The bot can’t be reached from this browser: its address doesn’t answer, or something on the way takes no WebSockets. This page keeps trying; without a browser the shell ends after two minutes.',
    )
}

let asking = Promise.resolve()

/** Asks before something is done, one question after the other; resolves with true for yes. */
function ask(question) {
  asking = asking.then(() => showQuestion(question))
  return asking
}

function showQuestion({ title, text, yes }) {
  const dialog = byId('ask')
  byId('ask-title').textContent = title
  byId('ask-text').value = text
  byId('ask-yes').textContent = yes
  dialog.showModal()
  return new Promise((resolve) => {
    // At once: the browser tells of a closed dialog at its next frame, and a page that is left or not shown has none.
    dialog.querySelector('form').onsubmit = (event) => {
      event.preventDefault()
      dialog.close()
      resolve(event.submitter.value === 'yes')
    }
    // Escape. The next question may be open when the browser tells of an earlier one.
    dialog.onclose = () => {
      if (!dialog.open) resolve(false)
    }
  })
}

/** Returns what the page of this tab before a reload left. */
function takeSaved() {
  const text = sessionStorage.getItem(savedName)
  sessionStorage.removeItem(savedName)
  if (text === null) return undefined
  const { typed, ...saved } = JSON.parse(text)
  return { ...saved, typed: Uint8Array.from(atob(typed), (char) => char.charCodeAt(0)) }
}

/** Saves what the next page of this tab goes on with; where that is too much for a browser, without the screen, and without what waits to be typed. */
function save({ typed, untyped, ...state }) {
  const text = Array.from(typed, (byte) => String.fromCharCode(byte)).join('')
  const least = { ...state, screen: '' }
  for (const saved of [
    { ...state, typed: btoa(text), untyped },
    { ...least, typed: btoa(text), untyped },
    { ...least, typed: '', untyped: untyped + typed.length },
  ]) {
    try {
      sessionStorage.setItem(savedName, JSON.stringify(saved))
      return
    } catch {
      // More than the browser's quota: less is saved.
    }
  }
}

async function openTerminal(pair, isFresh) {
  // What another browser printed meanwhile isn't on a screen that was saved here.
  const saved = isFresh ? undefined : takeSaved()
  byId('screen').hidden = false
  byId('start').hidden = true
  const { terminal, serialize } = await openScreen(byId('screen'), { saved, openLink })
  let parsed = saved?.from
  let untyped = saved?.untyped ?? 0
  const connection = connect({
    ...{ id, pair, saved },
    size: () => ({ cols: terminal.cols, rows: terminal.rows }),
    on: {
      ...{ state: showState, notice: note, echo: showEcho, ended: showEnd, bye: showBye },
      ready: (message) => {
        parsed ??= message.from
        showReady(message, untyped)
      },
      output: (bytes, upTo, acknowledge) =>
        terminal.write(bytes, () => {
          parsed = upTo
          acknowledge()
        }),
    },
  })
  const type = (bytes) => {
    // A person who types has seen the remark about it.
    untyped = 0
    connection.type(bytes)
  }
  terminal.onData((text) => type(encoder.encode(text)))
  terminal.onBinary((text) => type(Uint8Array.from(text, (char) => char.charCodeAt(0))))
  terminal.onResize(() => connection.resize())
  addEventListener('pagehide', () => {
    if (dataset.state === 'ended') return
    const size = { cols: terminal.cols, rows: terminal.rows }
    save({ ...connection.state(parsed), untyped, size, screen: serialize() })
  })
  listenForPaste(terminal)
  setUpKeys(terminal, type)
  byId('end').addEventListener('click', () => connection.end())
  terminal.focus()
}

async function openLink(address) {
  if (!address.startsWith('https://')) return
  if (await ask({ title: 'Open this address in a new tab?', text: address, yes: 'Open' }))
    open(address, '_blank', 'noopener,noreferrer')
}

/** Cleans what is pasted, and asks before it types several lines or much. */
function listenForPaste(terminal) {
  const paste = async (event) => {
    event.preventDefault()
    event.stopImmediatePropagation()
    const raw = event.clipboardData?.getData('text/plain') ?? ''
    if (raw.length > maxPasted) return note(`A paste has at most ${maxPasted} characters; nothing was typed.`)
    const text = cleanPaste(raw)
    const title = whyAsk(text)
    const shown = text.replaceAll('\r', '\n').slice(0, 4_000)
    if (title === undefined || (await ask({ title, text: shown, yes: 'Type it' }))) terminal.paste(text)
    terminal.focus()
  }
  byId('screen').addEventListener('paste', paste, true)
  terminal.attachCustomKeyEventHandler((event) => {
    const isCombined = event.ctrlKey && event.shiftKey && event.type === 'keydown'
    if (!isCombined) return true
    if (event.code === 'KeyC') {
      navigator.clipboard.writeText(terminal.getSelection())
      event.preventDefault()
      return false
    }
    // The browser pastes by itself.
    return event.code !== 'KeyV'
  })
}

/** On a device without a keyboard: a field that sends whole lines, and a bar of keys. */
function setUpKeys(terminal, typeBytes) {
  if (!matchMedia('(pointer: coarse)').matches) return
  const control = { held: false }
  const type = (text) => typeBytes(encoder.encode(text))
  byId('keys').replaceChildren(...barKeys.map((key) => keyButton(key, type, control)))
  byId('keys').hidden = false
  byId('line').hidden = false
  byId('line').addEventListener('submit', (event) => {
    event.preventDefault()
    const text = byId('typed').value
    byId('typed').value = ''
    type(control.held ? withControl(text.slice(0, 1)) : `${cleanPaste(text)}\r`)
    control.held = false
    byId('keys').querySelector('[aria-pressed]').setAttribute('aria-pressed', 'false')
  })
  // The field takes the keyboard of the device, and the screen only shows.
  terminal.options.disableStdin = true
  byId('typed').focus()
}

function keyButton({ label, name, types }, type, control) {
  const button = Object.assign(document.createElement('button'), { type: 'button', textContent: label })
  button.setAttribute('aria-label', name)
  if (types === undefined) button.setAttribute('aria-pressed', 'false')
  button.addEventListener('click', () => {
    if (types !== undefined) return type(types)
    control.held = !control.held
    button.setAttribute('aria-pressed', String(control.held))
    byId('typed').focus()
  })
  return button
}

let until = 0
function showReady(message, untyped) {
  const remarks = [
    message.gap ? 'Some output before this isn’t shown: another page had it.' : '',
    untyped === 0 ? '' : `The page was loaded again while ${untyped} bytes waited to be typed; they were not typed.`,
  ]
  note(remarks.filter((each) => each !== '').join(' '))
  byId('title').textContent = `Shell on ${message.target}`
  document.title = `Shell on ${message.target}`
  byId('end').hidden = false
  showState('open')
  const isFirst = until === 0
  until = Date.parse(message.until)
  const show = () => {
    const minutes = Math.max(0, Math.ceil((until - Date.now()) / 60_000))
    byId('facts').textContent = `${message.person} · set ${message.set} · ${minutes} min left`
  }
  show()
  if (isFirst) setInterval(show, 10_000)
}

/** Hides a line that is typed while the shell doesn't echo, such as a password. */
function showEcho({ echo, canonical }) {
  byId('typed').type = !echo && canonical ? 'password' : 'text'
}

function showEnd({ exitCode, total, sha256 }) {
  Object.assign(dataset, { sha256, total: String(total), exitCode: String(exitCode ?? '') })
}

function showBye({ reason, message, final }) {
  note(message)
  if (!final) return
  showState('ended')
  byId('end').hidden = true
  if (reason === 'ended' || reason === 'moved') deleteKey(id).catch(() => undefined)
}

async function start() {
  if (!isSecureContext || crypto.subtle === undefined) {
    note('This page works over https only. Tell the owner of the bot: "terminal: { url }" has to begin with https.')
    return
  }
  if (location.origin !== dataset.origin) {
    note(`This page works at ${dataset.origin} only. Press “Open” under the session in the chat for a link to it.`)
    return
  }
  const pair = await storedKey(id)
  if (token === '' && pair !== undefined) return openTerminal(pair, false)
  if (token === '') {
    note('This browser has no session here. Press “Open” under the session in the chat for a link of your own.')
    return
  }
  byId('start').hidden = false
  byId('open').addEventListener('click', async () => {
    byId('open').disabled = true
    note('')
    const claimed = await claim(id, token, () => note('Waiting for your passkey…'))
    if (claimed.pair !== undefined) return openTerminal(claimed.pair, true)
    byId('open').disabled = false
    note(claimed.refused)
  })
  byId('open').focus()
}

start().catch((error) => note(`This page could not start: ${error}`))
