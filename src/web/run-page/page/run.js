const byId = (id) => document.getElementById(id)
const run = location.pathname.split('/').at(-1)
// Out of the address bar and the history, but kept for this tab, so that it can be loaded again.
const key = `run:${run}`
const token = location.hash.slice(1) || sessionStorage.getItem(key) || ''
sessionStorage.setItem(key, token)
history.replaceState(null, '', location.pathname)
// Another link to the same run, opened in this tab, differs behind the `#` only.
addEventListener('hashchange', () => location.reload())

async function look() {
  const answer = await fetch('/runs/look', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ run, token }),
  }).catch(() => undefined)
  return answer === undefined ? { refused: 'The program could not be reached.' } : answer.json()
}

function item(text) {
  return Object.assign(document.createElement('li'), { textContent: text })
}

/** A line with what was searched for marked; texts are never read as HTML. */
function marked(line, words) {
  if (words === '') return [line]
  const parts = []
  const small = line.toLowerCase()
  let from = 0
  for (let at = small.indexOf(words); at !== -1; at = small.indexOf(words, from)) {
    parts.push(
      line.slice(from, at),
      Object.assign(document.createElement('mark'), { textContent: line.slice(at, at + words.length) }),
    )
    from = at + words.length
  }
  return [...parts, line.slice(from)]
}

function show({ words: said, output: text, chart, trail }) {
  document.title = `${said.headline ?? said.title} – Retina ChatOps`
  const head = byId('headline')
  head.textContent = said.headline ?? said.title
  head.dataset.mood = said.mood
  byId('numbers').textContent = said.numbers ?? ''
  byId('title').textContent = said.headline === undefined ? '' : said.title
  byId('text').textContent = said.text ?? ''
  byId('hint').textContent = said.hint ?? ''
  if (chart !== undefined) {
    Object.assign(byId('chart'), { src: `data:image/png;base64,${chart.png}`, alt: chart.alt, hidden: false })
  }
  byId('facts').append(...said.facts.map(item))
  byId('trail').append(
    ...trail.map(({ at, what, person, details }) =>
      item(
        `${new Date(at).toLocaleString()}: ${what}${person === '' ? '' : ` · ${person}`}${details === '' ? '' : ` · ${details}`}`,
      ),
    ),
  )
  byId('record').hidden = false
  byId('whole').hidden = false
  byId('download').onclick = () => {
    const href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
    Object.assign(document.createElement('a'), { href, download: `${run}.txt` }).click()
    setTimeout(() => URL.revokeObjectURL(href), 10_000)
  }
  // It scrolls, so it has to be reached by keyboard, and named.
  const output = byId('output')
  output.tabIndex = 0
  output.setAttribute('role', 'region')
  output.setAttribute('aria-label', 'What the tool wrote')
  const lines = text.replace(/\n$/, '').split('\n')
  const search = () => {
    const words = byId('search').value.toLowerCase()
    const fitting = words === '' ? lines : lines.filter((line) => line.toLowerCase().includes(words))
    const shown = byId('only').checked ? fitting : lines
    byId('output').replaceChildren(...shown.flatMap((line) => [...marked(line, words), '\n']))
    byId('count').textContent = words === '' ? `${lines.length} lines` : `${fitting.length} of ${lines.length} lines`
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
