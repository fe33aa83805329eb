/** A finding as it stands in the message of a triage. */
export type ShownFinding = { said: string; check: string; evidence: string }

/** Returns the findings in the text of a triage's message, in order. */
export function findingsIn(text: string): ShownFinding[] {
  const lines = text.split('\n').map((line) => line.trim())
  const starts = lines.flatMap((line, at) => {
    const isHead = /^\d\. \S/.test(line) && /^(?:FAIL|WARN) /.test(lines[at + 1] ?? '')
    return isHead ? [at] : []
  })
  return starts.map((start, index) => {
    const own = lines.slice(start, starts[index + 1])
    const end = own.findIndex((line) => line === '' || line.startsWith('Next: '))
    const [said = '', kind = '', ...rest] = own.slice(0, end === -1 ? undefined : end)
    return {
      said: said.replace(/^\d\. /, ''),
      check: kind.replace(/^(?:FAIL|WARN) ([\w-]+).*$/, '$1'),
      evidence: rest.filter((line) => !line.startsWith('$ ')).join('\n'),
    }
  })
}

/** What a fault was found as. `place`: of the finding whose evidence has what was changed, from 1; 0 where there is none. */
export type FaultResult = {
  name: string
  seen: string
  first: string
  check: string
  place: number
  seconds: number
  text: string
}

/** Returns the table of results for the documents, with what was not found first. */
export function resultTable(results: readonly FaultResult[]): string {
  const first = results.filter(({ place }) => place === 1).length
  const amongThree = results.filter(({ place }) => place >= 1 && place <= 3).length
  const cell = (text: string) => text.replaceAll('|', '\\|')
  return [
    `${results.length} faults: ${first} are the first finding, ${amongThree} among the first three.`,
    '',
    '| fault | seen by a client | first finding | place | seconds |',
    '|---|---|---|---|---|',
    ...results.map(
      ({ name, seen, first: said, check, place, seconds }) =>
        `| ${cell(name)} | ${cell(seen)} | \`${check}\`: ${cell(said)} | ${place === 0 ? 'not found' : place} | ${seconds.toFixed(1)} |`,
    ),
  ].join('\n')
}
