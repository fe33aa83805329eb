/** Numbers and bars, between which are words and units: what changes between the states of a progress meter. */
const numbersAndBars = /[\d.,:%=<>#*+\-\s]+/
const unit = /^[kKMGTP]i?B?(?:\/s)?$/

/**
 * Leaves of a progress meter, which a tool writes over with a carriage return each time, the last state: of states that
 * differ in numbers, units and bars alone. Any other text that ends with a carriage return stays: words aren't hidden.
 */
export function collapseMeters(text: string): string {
  if (!text.includes('\r')) return text
  return text.split('\n').map(collapseLine).join('\n')
}

function collapseLine(line: string): string {
  let end = line.length
  while (line[end - 1] === '\r') end -= 1
  const states = line.slice(0, end).split('\r')
  const words = states.map(wordsOf)
  const kept = states.filter((_state, at) => at === states.length - 1 || words[at] !== words[at + 1])
  return `${kept.join('\r')}${line.slice(end)}`
}

function wordsOf(state: string): string {
  const words = state.split(numbersAndBars).filter((word) => word !== '' && !unit.test(word))
  return words.join(' ')
}
