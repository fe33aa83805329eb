import { rendering } from './other-chats-preview.js'

const byId = (id) => document.getElementById(id)
const thread = byId('thread')
const person = byId('person')
const text = byId('text')
const replying = byId('replying')
const chat = byId('chat')

/** Messages by id, with their elements. */
const messages = new Map()
let channel = ''
let replyTo
let stream

/** An element with text and children; texts are never read as HTML. */
function element(name, options = {}, ...children) {
  const made = document.createElement(name)
  Object.assign(made, options)
  made.append(...children.filter((child) => child !== undefined))
  return made
}

async function send(path, fields) {
  const body = JSON.stringify({ person: person.value, channel, ...fields })
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(path, { method: 'POST', headers, body }).catch(() => undefined)
  const why = answer?.status === 503 ? await answer.text() : 'That could not be sent. Is the program still running?'
  byId('state').textContent = answer?.ok ? '' : why
}

function card({ words, buttons: offered }, root) {
  const buttons = offered.map(({ action, label, run }) => {
    const button = element('button', { type: 'button', textContent: label, className: action })
    button.onclick = () => {
      // These two want words: they begin a command that the person goes on with.
      if (action === 'rerun-with') return compose(words.typed ?? 'shell ', root)
      if (action === 'filter') return compose(`output ${run} --grep `, root)
      button.disabled = true
      send('api/press', { action, run, thread: root })
      setTimeout(() => (button.disabled = false), 3000)
    }
    return button
  })
  return [
    words.headline && element('p', { className: 'title', textContent: words.headline }),
    words.numbers && element('p', { className: 'numbers', textContent: words.numbers }),
    element('p', { className: words.headline ? 'what' : 'title', textContent: words.title }),
    words.text && element('p', { textContent: words.text }),
    words.examples.length > 0 ? examples(words.examples) : undefined,
    words.output && element('pre', { textContent: words.output, tabIndex: 0 }),
    words.outputNote && element('p', { className: 'small', textContent: words.outputNote }),
    words.hint && element('p', { className: 'hint' }, ...hint(words.hint)),
    words.link &&
      element('a', { href: words.link.url, textContent: words.link.label, target: '_blank', rel: 'noreferrer' }),
    ...words.facts.map((fact) => element('p', { className: 'small', textContent: fact })),
    buttons.length > 0 ? element('div', { className: 'buttons' }, ...buttons) : undefined,
  ].filter((part) => part !== undefined && part !== '')
}

/** What is typed in a fixed font, and instants in the reader's own time. */
function hint(text) {
  const instants = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g
  return text
    .split(/`([^`]+)`/)
    .map((piece, at) =>
      at % 2 === 1
        ? element('code', { textContent: piece })
        : piece.replaceAll(instants, (at) => new Date(at).toLocaleString()),
    )
}

/** Puts words into the box where people write, for them to go on. */
function compose(words, root) {
  if (root !== undefined) setReply(root, words)
  text.value = words
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

function place(entry, article) {
  const root = entry.thread === undefined ? undefined : messages.get(entry.thread)
  if (root === undefined) thread.append(element('section', {}, article))
  else root.article.closest('section').append(article)
}

function show(entry) {
  const atEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 80
  if (entry.type === 'said') said(entry)
  else if (entry.type === 'posted') posted(entry)
  else if (entry.type === 'edited') edited(entry)
  else attached(entry)
  if (atEnd) thread.scrollTop = thread.scrollHeight
}

function head(name, at) {
  const time = element('time', { dateTime: at, textContent: new Date(at).toLocaleTimeString() })
  return element('h2', {}, element('b', { textContent: name }), time)
}

function said(entry) {
  const reply = element('button', { type: 'button', className: 'reply', textContent: 'Reply' })
  reply.onclick = () => setReply(entry.thread ?? entry.message, entry.text)
  const line = element('p', { className: 'words', textContent: entry.text })
  const article = element('article', { className: 'said' }, head(entry.by, entry.at), line, reply)
  if (entry.thread !== undefined) article.classList.add('inside')
  messages.set(entry.message, { article })
  place(entry, article)
}

/** A message's card, beside it what another chat would show of it. */
function fill(body, entry, root) {
  const own = element('div', { className: 'own' }, ...card(entry, root))
  body.replaceChildren(own, ...(entry.sent === undefined ? [] : [rendering(chat.value, entry.sent)]))
  body.classList.toggle('beside', entry.sent !== undefined)
  body.dataset.mood = entry.words.mood
}

function posted(entry) {
  const body = element('div', { className: 'card' })
  fill(body, entry, entry.thread)
  const article = element('article', { className: 'bot' }, head('retina', entry.at), body)
  if (entry.thread !== undefined) article.classList.add('inside')
  messages.set(entry.message, { article, body, root: entry.thread })
  place(entry, article)
}

function edited(entry) {
  const message = messages.get(entry.message)
  if (message?.body === undefined) return
  fill(message.body, entry, message.root)
  const pre = message.body.querySelector('pre')
  if (pre !== null && entry.words.mood === 'busy') pre.scrollTop = pre.scrollHeight
}

function attached(entry) {
  const message = messages.get(entry.message)
  if (message === undefined) return
  const { name, title, text: content, png, alt } = entry.file
  if (png !== undefined) {
    message.article.append(element('img', { className: 'chart', src: `data:image/png;base64,${png}`, alt, title }))
    return
  }
  const url = URL.createObjectURL(new Blob([content], { type: 'text/plain' }))
  const link = element('a', { href: url, download: name, textContent: `${title} (${name})` })
  message.article.append(element('p', { className: 'file' }, link))
}

function setReply(root, words) {
  replyTo = root
  replying.hidden = root === undefined
  replying.querySelector('q').textContent = words ?? ''
  text.focus()
}

function open(name) {
  channel = name
  stream?.close()
  messages.clear()
  thread.replaceChildren()
  setReply(undefined)
  for (const link of byId('channels').children) link.setAttribute('aria-current', String(link.dataset.name === name))
  stream = new EventSource(`api/entries?${new URLSearchParams({ channel: name, as: chat.value })}`)
  stream.onopen = () => {
    // After a break the whole channel comes again.
    byId('state').textContent = ''
    messages.clear()
    thread.replaceChildren()
  }
  stream.onmessage = ({ data }) => show(JSON.parse(data))
  stream.onerror = () => {
    byId('state').textContent = 'The connection is gone; trying again …'
  }
}

byId('composer').onsubmit = (event) => {
  event.preventDefault()
  const words = text.value.trim()
  if (words === '') return
  send('api/say', { text: words, ...(replyTo === undefined ? {} : { thread: replyTo }) })
  text.value = ''
}
replying.querySelector('button').onclick = () => setReply(undefined)

const house = await (await fetch('api/house')).json()
person.append(...house.people.map(({ id, name }) => element('option', { value: id, textContent: `${name} (${id})` })))
byId('channels').append(
  ...house.channels.map((name) => {
    const button = element('button', { type: 'button', textContent: `#${name}` })
    button.dataset.name = name
    button.onclick = () => open(name)
    return button
  }),
)
chat.append(...house.chats.map((name) => element('option', { value: name, textContent: name })))
byId('also').hidden = house.chats.length === 0
chat.onchange = () => open(channel)

// Side by side each page begins as a person of its own.
const as = new URLSearchParams(location.search).get('as')
if (as !== null) person.selectedIndex = Number(as)
byId('two').hidden = as !== null || house.people.length < 2
open(house.channels[0])
