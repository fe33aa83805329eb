/** One page of an output, or of those of its lines in which some words stand. */
export type OutputPage = {
  text: string
  page: number
  pages: number
  /** Lines of the whole output, and how many of them were found. */
  lines: number
  found: number
}

/** Takes an output in pieces of whole lines and holds no more of it than two pages. */
export type OutputPager = { add: (text: string) => void; page: () => OutputPage }

/**
 * The lines of a text that hold `words` (any case, letter by letter; all lines without it), in pages of at most `chars` characters.
 * A line longer than a page is cut at its end. A page beyond the last one is the last one.
 */
export function outputPager(asked: { page: number; words?: string }, chars: number): OutputPager {
  const words = asked.words?.toLowerCase()
  const wanted = Math.max(asked.page, 1)
  let [lines, found, pages, room] = [0, 0, 0, 0]
  let last: string[] = []
  let kept: string[] | undefined

  const put = (whole: string) => {
    found += 1
    const line = whole.length < chars ? whole : `${whole.slice(0, chars - 2).toWellFormed()}…`
    if (pages === 0 || line.length + 1 > room) {
      if (pages === wanted) kept = last
      pages += 1
      last = []
      room = chars
    }
    last.push(line)
    room -= line.length + 1
  }
  return {
    add(text) {
      for (const line of text === '' ? [] : text.replace(/\n$/, '').split('\n')) {
        lines += 1
        if (words === undefined || line.toLowerCase().includes(words)) put(line)
      }
    },
    page: () => ({
      text: (kept ?? last).join('\n'),
      page: Math.min(wanted, Math.max(pages, 1)),
      pages,
      lines,
      found,
    }),
  }
}
