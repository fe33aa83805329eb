const byId = (id) => document.getElementById(id)
const run = location.pathname.split('/').at(-1)
// Removes the token from the address bar and the history, but stores it for this tab, so that the page can be reloaded.
const key = `run:${run}`
const token = location.hash.slice(1) || sessionStorage.getItem(key) || ''
sessionStorage.setItem(key, token)
history.replaceState(null, '', location.pathname)
// Reloads for another link to the same run that is opened in this tab: it differs after the `#` only.
addEventListener('hashchange', () => location.reload())

async function look() {
  const answer = await fetch('/runs/look', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ run, token }),
  }).catch(() => undefined)
  return answer === undefined ? { refused: 'The bot could not be reached.' } : answer.json()
}

function item(text) {
  return Object.assign(document.createElement('li'), { textContent: text })
}

/** Returns a line as nodes, with the matches of the search marked; texts are never parsed as HTML. */
function markMatches(line, query) {
  if (query === '') return [line]
  const parts = []
  const small = line.toLowerCase()
  let from = 0
  for (let at = small.indexOf(query); at !== -1; at = small.indexOf(query, from)) {
    parts.push(
      line.slice(from, at),
      Object.assign(document.createElement('mark'), { textContent: line.slice(at, at + query.length) }),
    )
    from = at + query.length
  }
  return [...parts, line.slice(from)]
}

const signs = { fail: 'FAIL', warn: 'WARN', unknown: '–', ok: 'ok' }

function make(name, properties, ...children) {
  const created = Object.assign(document.createElement(name), properties)
  created.append(...children)
  return created
}

/** Returns a check as a line that opens: its commands, and what they wrote. */
function checkEntry({ target, playbook, check, each, title, status, said, commands }) {
  const sign = make('b', { className: `sign ${status}`, textContent: signs[status] })
  const what = `${target} · ${check}${each === undefined ? '' : ` (${each})`}: ${said ?? title}`
  const entry = make('details', {}, make('summary', {}, sign, ' ', what))
  const body = commands.map(({ command, output, note }) => {
    const written = make('pre', { textContent: output === '' ? '(no output)' : output, tabIndex: 0 })
    written.setAttribute('role', 'region')
    written.setAttribute('aria-label', `Output of ${command}`)
    return make(
      'div',
      {},
      make('p', {}, make('code', { textContent: command }), note === undefined ? '' : ` · ${note}`),
      written,
    )
  })
  entry.append(make('p', { className: 'small', textContent: `playbook ${playbook}: ${title}` }), ...body)
  return entry
}

function showChecks(checks) {
  byId('checks').hidden = false
  const isIll = ({ status }) => status === 'fail' || status === 'warn'
  byId('ill').checked = checks.some(isIll)
  const textOf = ({ target, check, said = '', commands }) =>
    [target, check, said, ...commands.map(({ command }) => command)].join(' ').toLowerCase()
  const filter = () => {
    const query = byId('filter').value.toLowerCase()
    const found = checks.filter((check) => (!byId('ill').checked || isIll(check)) && textOf(check).includes(query))
    byId('list').replaceChildren(...found.map(checkEntry))
    byId('checked').textContent = `${found.length} of ${checks.length} checks`
  }
  byId('filter').oninput = filter
  byId('ill').onchange = filter
  filter()
}

/** Returns a button that saves a text as a file. */
function downloadButton(label, name, text) {
  const save = () => {
    const href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
    Object.assign(document.createElement('a'), { href, download: name }).click()
    setTimeout(() => URL.revokeObjectURL(href), 10_000)
  }
  return make('button', { type: 'button', textContent: label, onclick: save })
}

function show({ words: view, output: text, chart, trail, checks, files }) {
  document.title = `${view.headline ?? view.title} – Retina ChatOps`
  const head = byId('headline')
  head.textContent = view.headline ?? view.title
  head.dataset.mood = view.mood
  byId('numbers').textContent = view.numbers ?? ''
  byId('title').textContent = view.headline === undefined ? '' : view.title
  byId('text').textContent = view.text ?? ''
  byId('hint').textContent = view.hint ?? ''
  if (chart !== undefined) {
    Object.assign(byId('chart'), { src: `data:image/png;base64,${chart.png}`, alt: chart.alt, hidden: false })
  }
  if (checks !== undefined) showChecks(checks)
  byId('facts').append(...view.facts.map(item))
  byId('trail').append(
    ...trail.map(({ at, what, person, details }) =>
      item(
        `${new Date(at).toLocaleString()}: ${what}${person === '' ? '' : ` · ${person}`}${details === '' ? '' : ` · ${details}`}`,
      ),
    ),
  )
  byId('record').hidden = false
  byId('whole').hidden = false
  if (files !== undefined) byId('what').textContent = 'Events'
  const buttons =
    files === undefined
      ? [downloadButton('Download', `${run}.txt`, text)]
      : files.map((file) => downloadButton(`Download ${file.name}`, file.name, file.text))
  byId('downloads').append(...buttons)
  // The output scrolls, so it must be focusable by keyboard and have an accessible name.
  const output = byId('output')
  output.tabIndex = 0
  output.setAttribute('role', 'region')
  output.setAttribute('aria-label', 'Tool output')
  const lines = text.replace(/\n$/, '').split('\n')
  const search = () => {
    const query = byId('search').value.toLowerCase()
    const matching = query === '' ? lines : lines.filter((line) => line.toLowerCase().includes(query))
    const shown = byId('only').checked ? matching : lines
    byId('output').replaceChildren(...shown.flatMap((line) => [...markMatches(line, query), '\n']))
    byId('count').textContent =
      query === ''
        ? `${lines.length} ${lines.length === 1 ? 'line' : 'lines'}`
        : `${matching.length} of ${lines.length} lines`
    if (!byId('only').checked) byId('output').querySelector('mark')?.scrollIntoView({ block: 'nearest' })
  }
  byId('search').oninput = search
  byId('only').onchange = search
  search()
}

const page = await look()
if (page.refused === undefined) show(page)
else {
  byId('headline').textContent = 'Nothing to show'
  byId('text').textContent = page.refused
}
