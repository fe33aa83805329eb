/**
 * Sets the page's nonce on each `<style>` element before it is inserted. xterm.js makes its styles so, and the page's policy lets no others in.
 */
function allowOwnStyles() {
  const { nonce } = document.documentElement.dataset
  const create = document.createElement.bind(document)
  document.createElement = (name, options) => {
    const element = create(name, options)
    if (String(name).toLowerCase() === 'style') element.setAttribute('nonce', nonce)
    return element
  }
}

const dark = { background: '#0d1117', foreground: '#e6edf3', cursor: '#79c0ff', selectionBackground: '#264f78' }
const light = {
  background: '#ffffff',
  foreground: '#1c2128',
  cursor: '#0550ae',
  selectionBackground: '#add6ff',
  yellow: '#7d4e00',
  brightYellow: '#633c01',
  green: '#116329',
  brightGreen: '#1a7f37',
  cyan: '#1b7c83',
  brightCyan: '#3192aa',
  white: '#57606a',
  brightWhite: '#24292f',
}

/** Creates a terminal in the colours of the device. */
async function createTerminal(options) {
  allowOwnStyles()
  const { Terminal } = await import('/t/xterm.mjs')
  const scheme = matchMedia('(prefers-color-scheme: dark)')
  const terminal = new Terminal({
    // What a program prints is no mistake of the page.
    logLevel: 'off',
    scrollback: 5_000,
    fontFamily: 'ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace',
    fontSize: 14,
    // Some fonts' underscores are below a line of their own height.
    lineHeight: 1.2,
    minimumContrastRatio: 4.5,
    screenReaderMode: true,
    theme: scheme.matches ? dark : light,
    ...options,
  })
  scheme.addEventListener('change', () => {
    terminal.options.theme = scheme.matches ? dark : light
  })
  return terminal
}

/**
 * Opens a terminal that only shows: nobody types into it, its links open nothing, and nothing listens to what it would answer to the programs
 * whose output it shows.
 */
export async function openReplayScreen(element) {
  const terminal = await createTerminal({
    disableStdin: true,
    linkHandler: { activate: () => undefined, allowNonHttpProtocols: false },
  })
  terminal.open(element)
  return terminal
}

/**
 * Opens a terminal in an element, as wide and high as that is. Without the addon of OSC 52, no program reads or writes the clipboard; `openLink`
 * gets the address of a link (OSC 8) that was pressed. `saved`: the screen that a page before a reload left.
 */
export async function openScreen(element, { saved, openLink }) {
  const [{ FitAddon }, { SerializeAddon }] = await Promise.all(
    ['fit', 'serialize'].map((name) => import(`/t/${name}.mjs`)),
  )
  const terminal = await createTerminal({
    ...(saved === undefined ? {} : saved.size),
    linkHandler: { activate: (_event, address) => openLink(address), allowNonHttpProtocols: false },
  })
  const [fit, serialize] = [new FitAddon(), new SerializeAddon()]
  terminal.loadAddon(fit)
  terminal.loadAddon(serialize)
  terminal.open(element)
  if (saved?.screen !== undefined) await new Promise((done) => terminal.write(saved.screen, done))
  fit.fit()
  new ResizeObserver(() => fit.fit()).observe(element)
  return { terminal, serialize: () => serialize.serialize() }
}
