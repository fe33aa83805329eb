const defaultSize = { cols: 80, rows: 24 }

/** Returns the size of an event `r`, as `COLSxROWS`. */
export function sizeOf(text) {
  const [cols, rows] = text.split('x').map(Number)
  return cols > 0 && rows > 0 ? { cols, rows } : undefined
}

/**
 * Returns events with their data as text: output that ends inside a character goes on in the next event. `events`: each as ms since the
 * beginning, code, bytes.
 */
export function toTexts(events) {
  const decoder = new TextDecoder()
  const texts = events.map(([at, code, bytes]) => [
    at,
    code,
    code === 'o' ? decoder.decode(bytes, { stream: true }) : new TextDecoder().decode(bytes),
  ])
  const rest = decoder.decode()
  const last = texts.at(-1)
  return rest === '' || last === undefined ? texts : [...texts, [last[0], 'o', rest]]
}

/** Returns the first size of a recording, and its events without those that are empty or only say that size. */
function withoutFirstSize(events) {
  const first = events.find(([, code]) => code === 'r')
  const size = (first === undefined ? undefined : sizeOf(first[2])) ?? defaultSize
  return { size, rest: events.filter((event) => event !== first && event[2] !== '') }
}

/** Seconds with three digits behind the point, without errors of addition. */
const seconds = (ms) => Math.round(ms) / 1_000

/** Writes asciicast v3: each event has the seconds since the one before. Source: docs.asciinema.org/manual/asciicast/v3. */
export function toV3({ startedAt, target }, events) {
  const { size, rest } = withoutFirstSize(events)
  const head = { version: 3, term: size, timestamp: Math.floor(startedAt / 1_000), title: `Shell on ${target}` }
  let before = 0
  const lines = rest.map(([at, code, text]) => {
    const since = Math.max(0, at - before)
    before = Math.max(before, at)
    return JSON.stringify([seconds(since), code, text])
  })
  return `${[JSON.stringify(head), ...lines].join('\n')}\n`
}

/** Writes asciicast v2: each event has the seconds since the beginning. Source: docs.asciinema.org/manual/asciicast/v2. */
export function toV2({ startedAt, target }, events) {
  const { size, rest } = withoutFirstSize(events)
  const head = {
    ...{ version: 2, width: size.cols, height: size.rows },
    ...{ timestamp: Math.floor(startedAt / 1_000), title: `Shell on ${target}` },
  }
  const lines = rest.map(([at, code, text]) => JSON.stringify([seconds(at), code, text]))
  return `${[JSON.stringify(head), ...lines].join('\n')}\n`
}
