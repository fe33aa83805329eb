import { rendering } from './other-chats-preview.js'

const byId = (id) => document.getElementById(id)
const thread = byId('thread')
const person = byId('person')
const text = byId('text')
const replying = byId('replying')
const chat = byId('chat')

/** Messages by id: their elements, and the id of their thread. */
const messages = new Map()
let channel = ''
let replyTo
let stream

/** Creates an element with properties and children; strings become text, never HTML. */
function element(name, options = {}, ...children) {
  const created = document.createElement(name)
  Object.assign(created, options)
  created.append(...children.filter((child) => child !== undefined))
  return created
}

async function send(path, fields) {
  const body = JSON.stringify({ person: person.value, channel, ...fields })
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(path, { method: 'POST', headers, body }).catch(() => undefined)
  const reason = response?.status === 503 ? await response.text() : 'Could not send. Is the bot still running?'
  byId('state').textContent = response?.ok ? '' : reason
}

function card({ view, buttons: buttonData }, root) {
  const buttons = buttonData.map(({ action, label, run, begin }) => {
    const button = element('button', { type: 'button', textContent: label, className: action })
    button.onclick = () => {
      // The command needs further words: its start is put into the input box.
      if (begin !== undefined) return compose(begin, root)
      button.disabled = true
      send('api/press', { action, run, thread: root })
      setTimeout(() => (button.disabled = false), 3000)
    }
    return button
  })
  return [
    view.headline && element('p', { className: 'title', textContent: view.headline }),
    view.numbers && element('p', { className: 'numbers', textContent: view.numbers }),
    element('p', { className: view.headline ? 'what' : 'title', textContent: view.title }),
    view.text && element('p', { textContent: view.text }),
    view.fields && fields(view.fields),
    view.examples.length > 0 ? examples(view.examples) : undefined,
    view.output && element('pre', { textContent: view.output, tabIndex: 0 }),
    view.table && table(view.table),
    view.outputNote && element('p', { className: 'small', textContent: view.outputNote }),
    view.hint && element('p', { className: 'hint' }, ...hintParts(view.hint)),
    view.link &&
      element('a', { href: view.link.url, textContent: view.link.label, target: '_blank', rel: 'noreferrer' }),
    ...view.facts.map((fact) => element('p', { className: 'small', textContent: fact })),
    buttons.length > 0 ? element('div', { className: 'buttons' }, ...buttons) : undefined,
  ].filter((part) => part !== undefined && part !== '')
}

/** Renders labelled facts; an instant also in the reader's time zone. */
function fields(list) {
  const rows = list.map(({ label, value, as }) => {
    const text = as === 'instant' ? `${value} (${new Date(value).toLocaleString()})` : value
    return element(
      'div',
      {},
      element('dt', { textContent: label }),
      element('dd', { textContent: text, className: as ?? '' }),
    )
  })
  return element('dl', { className: 'fields' }, ...rows)
}

/** Renders a table: it scrolls by itself, and is reached by keyboard. */
function table({ caption, heads, rows }) {
  const head = element('tr', {}, ...heads.map((text) => element('th', { textContent: text, scope: 'col' })))
  const body = rows.map(([name, ...cells]) =>
    element(
      'tr',
      {},
      element('th', { textContent: name, scope: 'row' }),
      ...cells.map((text) => element('td', { textContent: text, className: `cell-${text.toLowerCase()}` })),
    ),
  )
  const made = element('table', {}, element('caption', { textContent: caption }), element('thead', {}, head))
  made.append(element('tbody', {}, ...body))
  const box = element('div', { className: 'table', tabIndex: 0 }, made)
  box.setAttribute('role', 'region')
  box.setAttribute('aria-label', caption)
  return box
}

/** Renders a hint: commands as code, and instants in the reader's time zone. */
function hintParts(text) {
  const instants = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g
  return text
    .split(/`([^`]+)`/)
    .map((piece, index) =>
      index % 2 === 1
        ? element('code', { textContent: piece })
        : piece.replaceAll(instants, (instant) => new Date(instant).toLocaleString()),
    )
}

/** Puts the start of a command into the input box. */
function compose(command, root) {
  if (root !== undefined) setReply(root, command)
  text.value = command
  text.focus()
}

function examples(list) {
  const rows = list.map(({ command, about }) => {
    const button = element('button', { type: 'button', className: 'command', textContent: command })
    button.onclick = () => {
      text.value = command
      text.focus()
    }
    return element('li', {}, button, element('span', { className: 'small', textContent: about }))
  })
  return element('ul', { className: 'examples' }, ...rows)
}

/** Appends a message to its thread, or as a new one. Replies are open until the next thread begins; so are those that the person has opened. */
function appendToThread(entry, article) {
  const root = entry.thread === undefined ? undefined : messages.get(entry.thread)
  if (root !== undefined) return repliesOf(root.article.closest('section')).append(article)
  for (const replies of thread.querySelectorAll('details.replies:not([data-chosen])')) replies.open = false
  thread.append(element('section', {}, article))
}

/** Returns the part of a section with the replies to its first message. */
function repliesOf(section) {
  const found = section.querySelector('details.replies')
  if (found !== null) {
    countReplies(found, found.querySelectorAll('article').length + 1)
    return found
  }
  const summary = element('summary', {})
  const replies = element('details', { className: 'replies', open: true }, summary)
  summary.onclick = () => (replies.dataset.chosen = 'true')
  countReplies(replies, 1)
  section.append(replies)
  return replies
}

function countReplies(replies, count) {
  replies.querySelector('summary').textContent = count === 1 ? '1 reply' : `${count} replies`
}

/** Examples for an empty channel. */
const firstCommands = [
  { command: 'shell node001 dig example.com', about: 'Run a tool on a node, or in a pod' },
  { command: 'triage node001', about: 'Find out what is wrong with it' },
  { command: 'help', about: 'Show everything that you can type' },
]

/** Empties the page for the messages of a channel. */
function clear() {
  messages.clear()
  const words = element('p', { textContent: 'No messages yet. Type a command below, for example:' })
  thread.replaceChildren(element('div', { id: 'empty' }, words, examples(firstCommands)))
}

function showEntry(entry) {
  byId('empty')?.remove()
  const atEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 80
  if (entry.type === 'said') showCommand(entry)
  else if (entry.type === 'posted') showMessage(entry)
  else if (entry.type === 'edited') updateMessage(entry)
  else showAttachment(entry)
  if (atEnd) thread.scrollTop = thread.scrollHeight
}

function header(name, at) {
  const time = element('time', { dateTime: at, textContent: new Date(at).toLocaleTimeString() })
  return element('h2', {}, element('b', { textContent: name }), time)
}

function replyButton(root, quote) {
  const reply = element('button', { type: 'button', className: 'reply', textContent: 'Reply' })
  reply.onclick = () => setReply(root, quote)
  return reply
}

function showCommand(entry) {
  const reply = replyButton(entry.thread ?? entry.message, entry.text)
  const command = element('p', { className: 'words', textContent: entry.text })
  const article = element('article', { className: 'said' }, header(entry.by, entry.at), command, reply)
  if (entry.thread !== undefined) article.classList.add('inside')
  messages.set(entry.message, { article })
  appendToThread(entry, article)
}

/** Renders a message's card, and beside it the preview of the selected other chat. */
function renderCard(body, entry, root) {
  const own = element('div', { className: 'own' }, ...card(entry, root))
  body.replaceChildren(own, ...(entry.sent === undefined ? [] : [rendering(chat.value, entry.sent)]))
  body.classList.toggle('beside', entry.sent !== undefined)
  body.classList.toggle('short', entry.part === 'root')
  body.dataset.mood = entry.view.mood
}

function showMessage(entry) {
  const body = element('div', { className: 'card' })
  renderCard(body, entry, entry.thread)
  const reply = entry.thread === undefined ? replyButton(entry.message, entry.view.title) : undefined
  const article = element('article', { className: 'bot' }, header('retina', entry.at), body, reply)
  if (entry.thread !== undefined) article.classList.add('inside')
  messages.set(entry.message, { article, body, root: entry.thread })
  appendToThread(entry, article)
}

function updateMessage(entry) {
  const message = messages.get(entry.message)
  if (message?.body === undefined) return
  renderCard(message.body, entry, message.root)
  const pre = message.body.querySelector('pre')
  if (pre !== null && entry.view.mood === 'busy') pre.scrollTop = pre.scrollHeight
}

function showAttachment(entry) {
  const message = messages.get(entry.message)
  if (message === undefined) return
  const { name, title, text: content, png, alt } = entry.file
  // A file belongs to the thread, where its message has one.
  const place = message.article.parentElement.querySelector(':scope > details.replies') ?? message.article
  if (png !== undefined) {
    place.append(element('img', { className: 'chart', src: `data:image/png;base64,${png}`, alt, title }))
    return
  }
  const url = URL.createObjectURL(new Blob([content], { type: 'text/plain' }))
  const link = element('a', { href: url, download: name, textContent: `${title} (${name})` })
  place.append(element('p', { className: 'file' }, link))
}

/** Sets the thread in which the next command is sent; undefined: none. */
function setReply(root, quote) {
  replyTo = root
  replying.hidden = root === undefined
  replying.querySelector('q').textContent = quote ?? ''
  text.focus()
}

function openChannel(name) {
  channel = name
  stream?.close()
  clear()
  setReply(undefined)
  for (const link of byId('channels').children) link.setAttribute('aria-current', String(link.dataset.name === name))
  stream = new EventSource(`api/entries?${new URLSearchParams({ channel: name, as: chat.value })}`)
  stream.onopen = () => {
    // After a reconnect, the server sends the whole channel again.
    byId('state').textContent = ''
    clear()
  }
  stream.onmessage = ({ data }) => showEntry(JSON.parse(data))
  stream.onerror = () => {
    byId('state').textContent = 'Connection lost. Reconnecting…'
  }
}

byId('composer').onsubmit = (event) => {
  event.preventDefault()
  const command = text.value.trim()
  if (command === '') return
  send('api/command', { text: command, ...(replyTo === undefined ? {} : { thread: replyTo }) })
  text.value = ''
}
replying.querySelector('button').onclick = () => setReply(undefined)

const context = await (await fetch('api/context')).json()
person.append(...context.people.map(({ id, name }) => element('option', { value: id, textContent: `${name} (${id})` })))
byId('channels').append(
  ...context.channels.map((name) => {
    const button = element('button', { type: 'button', textContent: `#${name}` })
    button.dataset.name = name
    button.onclick = () => openChannel(name)
    return button
  }),
)
chat.append(...context.chats.map((name) => element('option', { value: name, textContent: name })))
byId('also').hidden = context.chats.length === 0
chat.onchange = () => openChannel(channel)

// Side by side, each page starts as a different person.
const as = new URLSearchParams(location.search).get('as')
if (as !== null) person.selectedIndex = Number(as)
byId('two').hidden = as !== null || context.people.length < 2
openChannel(context.channels[0])
