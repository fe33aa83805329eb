/**
 * Preview of a message in other chats: renders a subset of Block Kit and Adaptive Cards from the JSON that is sent to
 * them.
 */

function element(name, options = {}, ...children) {
  const created = document.createElement(name)
  Object.assign(created, options)
  created.append(...children)
  return created
}

const button = (text) => element('button', { type: 'button', disabled: true, textContent: text })
const buttons = (texts) => element('div', { className: 'buttons' }, ...texts.map(button))

function slackLeaf(part) {
  if (part.type === 'emoji') return element('span', { textContent: `:${part.name}:` })
  if (part.type === 'date') return element('span', { textContent: new Date(part.timestamp * 1000).toLocaleString() })
  if (part.type === 'user' || part.type === 'usergroup')
    return element('b', { textContent: `@${part.user_id ?? part.usergroup_id}` })
  if (part.type === 'link') return element('u', { textContent: part.text ?? part.url })
  const { bold, italic, code } = part.style ?? {}
  const name = code ? 'code' : bold ? 'b' : italic ? 'i' : 'span'
  return element(name, { textContent: part.text ?? '' })
}

function slackRich(part) {
  if (part.type === 'rich_text_preformatted') return element('pre', {}, ...part.elements.map(slackLeaf))
  if (part.type === 'rich_text_list')
    return element('ul', {}, ...part.elements.map((each) => element('li', {}, ...each.elements.map(slackLeaf))))
  return element('p', {}, ...part.elements.map(slackLeaf))
}

/** Renders rows of texts as a table, the first row as heads. */
function textTable(caption, [heads, ...rows]) {
  const row = (name, texts) => element('tr', {}, ...texts.map((text) => element(name, { textContent: text })))
  const body = element('tbody', {}, ...rows.map((texts) => row('td', texts)))
  const table = element('table', {}, element('thead', {}, row('th', heads)), body)
  if (caption !== undefined) table.prepend(element('caption', { textContent: caption }))
  return element('div', { className: 'table' }, table)
}

function slackBlock(block) {
  if (block.type === 'data_table')
    return [
      textTable(
        block.caption,
        block.rows.map((row) => row.map(({ text }) => text)),
      ),
    ]
  if (block.type === 'rich_text') return block.elements.map(slackRich)
  if (block.type === 'context')
    return block.elements.map((each) => element('p', { className: 'small', textContent: each.text }))
  if (block.type === 'actions') return [buttons(block.elements.map((each) => each.text.text))]
  return [element('pre', { textContent: JSON.stringify(block) })]
}

function teamsRun(run) {
  const name = run.fontType === 'Monospace' ? 'code' : run.weight === 'Bolder' ? 'b' : run.italic ? 'i' : 'span'
  return element(name, {
    textContent: run.text,
    className: run.color === 'Attention' ? 'attention' : run.isSubtle ? 'small' : '',
  })
}

function teamsElement(part) {
  if (part.type === 'RichTextBlock') return element('p', {}, ...part.inlines.map(teamsRun))
  if (part.type === 'TextBlock') return element('p', { className: 'small', textContent: part.text })
  if (part.type === 'Table')
    return textTable(
      undefined,
      part.rows.map(({ cells }) => cells.map(({ items: [item] }) => item.inlines.map(({ text }) => text).join(''))),
    )
  if (part.type === 'ActionSet') return buttons(part.actions.map(({ title }) => title))
  return element('div', { className: 'emphasis' }, ...(part.items ?? []).map(teamsElement))
}

const renderers = {
  slack: ({ blocks }) => blocks.flatMap(slackBlock),
  teams: ({ body, actions = [] }) => [
    ...body.map(teamsElement),
    ...(actions.length === 0 ? [] : [buttons(actions.map(({ title }) => title))]),
  ],
}

/** Renders the preview of a message in a chat, with its JSON. */
export function rendering(chat, sent) {
  const json = element(
    'details',
    {},
    element('summary', { textContent: 'JSON' }),
    element('pre', { textContent: JSON.stringify(sent, undefined, 2), tabIndex: 0 }),
  )
  return element('div', { className: 'rendering' }, ...renderers[chat](sent), json)
}
