/** One page of an output, or of those of its lines in which some words stand. */
export type OutputPage = {
  text: string
  page: number
  pages: number
  /** Lines of the whole output, and how many of them were found. */
  lines: number
  found: number
}

/**
 * The lines of a text that hold `words` (any case, letter by letter; all lines without it), in pages of at most `chars` characters.
 * A line longer than a page is cut at its end. A page beyond the last one is the last one.
 */
export function outputPage(text: string, asked: { page: number; words?: string }, chars: number): OutputPage {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n')
  const words = asked.words?.toLowerCase()
  const found = words === undefined ? lines : lines.filter((line) => line.toLowerCase().includes(words))
  const pages = paged(found, chars)
  const page = Math.min(Math.max(asked.page, 1), Math.max(pages.length, 1))
  return {
    text: pages[page - 1]?.join('\n') ?? '',
    page,
    pages: pages.length,
    lines: lines.length,
    found: found.length,
  }
}

function paged(lines: readonly string[], chars: number): string[][] {
  const pages: string[][] = []
  let room = 0
  for (const whole of lines) {
    const line = whole.length < chars ? whole : `${whole.slice(0, chars - 2).toWellFormed()}…`
    if (pages.length === 0 || line.length + 1 > room) {
      pages.push([])
      room = chars
    }
    pages.at(-1)?.push(line)
    room -= line.length + 1
  }
  return pages
}
