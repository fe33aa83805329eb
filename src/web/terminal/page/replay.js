import { createPlayer } from './player.js'
import { openReplayScreen } from './screen.js'
import { sizeOf, toTexts, toV2, toV3 } from './to-asciicast.js'

const byId = (id) => document.getElementById(id)
const id = location.pathname.split('/').at(-1)
// The token leaves the address bar and the history, but stays for this tab, so that the page can be reloaded.
const savedName = `replay:${id}`
const token = location.hash.slice(1) || sessionStorage.getItem(savedName) || ''
sessionStorage.setItem(savedName, token)
history.replaceState(null, '', location.pathname)
addEventListener('hashchange', () => location.reload())

async function call(name, more = {}) {
  const answer = await fetch(`/t/replay/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id, token, ...more }),
  }).catch(() => undefined)
  return answer === undefined ? { refused: 'The bot could not be reached.' } : answer.json()
}

function note(text) {
  byId('note').textContent = text
  byId('note').hidden = text === ''
}

const toBytes = (base64) => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))

/** Loads all events; says how far it is. */
async function loadEvents({ bytes: total }) {
  const events = []
  let loaded = 0
  let place = { segment: 0, number: 0 }
  while (place !== undefined) {
    const part = await call('part', place)
    if (part.refused !== undefined) return part
    for (const [at, code, data] of part.events) {
      const bytes = toBytes(data)
      loaded += bytes.length
      events.push([at, code, bytes])
    }
    byId('state').textContent = `Loading… ${total === 0 ? 100 : Math.min(100, Math.round((100 * loaded) / total))} %`
    place = part.next
  }
  return events
}

function clockText(ms) {
  const seconds = Math.floor(ms / 1_000)
  const two = (number) => String(number).padStart(2, '0')
  const minutes = Math.floor(seconds / 60)
  return minutes < 60
    ? `${minutes}:${two(seconds % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`
}

function save(name, text, type) {
  const href = URL.createObjectURL(new Blob([text], { type }))
  Object.assign(document.createElement('a'), { href, download: `${id}.${name}` }).click()
  setTimeout(() => URL.revokeObjectURL(href), 10_000)
}

function setUpDownloads(head, events) {
  byId('v3').onclick = () => save('v3.cast', toV3(head, toTexts(events)), 'application/x-asciicast')
  byId('v2').onclick = () => save('v2.cast', toV2(head, toTexts(events)), 'application/x-asciicast')
  byId('text').onclick = async () => {
    const answer = await call('text')
    if (answer.refused === undefined) save('txt', answer.text, 'text/plain')
    else note(answer.refused)
  }
}

function setUpPlayer(terminal, events) {
  const decoder = new TextDecoder()
  const player = createPlayer(events, {
    show: ([, code, bytes]) => {
      if (code === 'o') terminal.write(bytes)
      const size = code === 'r' ? sizeOf(decoder.decode(bytes)) : undefined
      if (size !== undefined) terminal.resize(size.cols, size.rows)
    },
    reset: () => terminal.reset(),
    tick: (position, isPlaying) => {
      byId('seek').value = String(position)
      byId('seek').setAttribute('aria-valuetext', clockText(position))
      byId('clock').textContent = `${clockText(position)} / ${clockText(player.duration())}`
      byId('play').textContent = isPlaying ? 'Pause' : 'Play'
      document.documentElement.dataset.position = String(Math.round(position))
    },
    clock: {
      now: () => performance.now(),
      wait: (work, ms) => setTimeout(work, ms),
      stop: (timer) => clearTimeout(timer),
    },
  })
  const showDuration = () => {
    // A multiple of the step: else its end could not be reached.
    byId('seek').max = String(Math.ceil(player.duration() / 100) * 100)
  }
  byId('play').onclick = () => (player.isPlaying() ? player.pause() : player.play())
  byId('seek').oninput = () => player.seek(Number(byId('seek').value))
  byId('speed').onchange = () => player.setSpeed(Number(byId('speed').value))
  byId('skip').onchange = () => {
    player.setSkip(byId('skip').checked)
    showDuration()
    player.seek(Number(byId('seek').value))
  }
  showDuration()
  player.seek(0)
}

async function start() {
  const head = await call('look')
  if (head.refused !== undefined) return fail(head.refused)
  byId('title').textContent = `Recording of a shell on ${head.target}`
  document.title = `Recording of a shell on ${head.target}`
  const when = new Date(head.startedAt).toLocaleString()
  byId('facts').textContent = `${head.person} · set ${head.set} · ${when} · ${clockText(head.endedAt - head.startedAt)}`
  byId('digest').textContent = `${head.events} events, intact. Hash of the last one: ${head.hash}`
  const events = await loadEvents(head)
  if (events.refused !== undefined) return fail(events.refused)
  byId('player').hidden = false
  // It scrolls, so that it can be focused by keyboard.
  byId('screen').tabIndex = 0
  const terminal = await openReplayScreen(byId('screen'))
  setUpPlayer(terminal, events)
  setUpDownloads(head, events)
  byId('state').textContent = 'Ready'
  byId('play').focus()
}

function fail(text) {
  byId('state').textContent = 'Nothing to show'
  note(text)
}

start().catch((error) => fail(`This page could not start: ${error}`))
