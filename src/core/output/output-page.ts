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
export function outputPager(query: { page: number; words?: string }, chars: number): OutputPager {
  const searchText = query.words?.toLowerCase()
  const wantedPage = Math.max(query.page, 1)
  let [lines, found, pages, remainingChars] = [0, 0, 0, 0]
  let currentLines: string[] = []
  let wantedLines: string[] | undefined

  const addLine = (wholeLine: string) => {
    found += 1
    const line = wholeLine.length < chars ? wholeLine : `${wholeLine.slice(0, chars - 2).toWellFormed()}…`
    if (pages === 0 || line.length + 1 > remainingChars) {
      if (pages === wantedPage) wantedLines = currentLines
      pages += 1
      currentLines = []
      remainingChars = chars
    }
    currentLines.push(line)
    remainingChars -= line.length + 1
  }
  return {
    add(text) {
      for (const line of text === '' ? [] : text.replace(/\n$/, '').split('\n')) {
        lines += 1
        if (searchText === undefined || line.toLowerCase().includes(searchText)) addLine(line)
      }
    },
    page: () => ({
      text: (wantedLines ?? currentLines).join('\n'),
      page: Math.min(wantedPage, Math.max(pages, 1)),
      pages,
      lines,
      found,
    }),
  }
}
