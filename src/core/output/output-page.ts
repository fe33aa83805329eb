import { cutText } from '#core/util/cut-text'
/** One page of an output, or of its lines that contain a search text. */
export type OutputPage = {
  text: string
  page: number
  pages: number
  /** Number of lines of the whole output. */
  lines: number
  /** Number of lines that match. */
  found: number
}

/** Pager that takes an output in pieces of whole lines and holds at most two pages in memory. */
export type OutputPager = { add: (text: string) => void; page: () => OutputPage }

/**
 * Creates a pager for the lines that contain `words` (case-insensitive, as a literal substring; all lines without it),
 * in pages of at most `chars` characters. A line longer than a page is cut at its end. A page number beyond the last
 * page gives the last page.
 */
export function outputPager(query: { page: number; words?: string }, chars: number): OutputPager {
  const searchText = query.words?.toLowerCase()
  const wantedPage = Math.max(query.page, 1)
  let [lines, found, pages, remainingChars] = [0, 0, 0, 0]
  let currentLines: string[] = []
  let wantedLines: string[] | undefined

  const addLine = (wholeLine: string) => {
    found += 1
    const line = cutText(wholeLine, chars - 1)
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
