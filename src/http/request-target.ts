/** Path and query of a request for this server. */
export type RequestTarget = { path: string; query: URLSearchParams }

/** Maximum characters of a request's target; no page or webhook of this program comes near. */
const maxChars = 2_048

const pathChars = /^[\w\-.~!$&'()*+,;=:@/%]+$/
const queryChars = /^[\w\-.~!$&'()*+,;=:@/%?[\]{}|^]*$/

/**
 * Parses a request's target; undefined for what no client of this program sends. Only the origin form of RFC 9112 is accepted, with plain paths: no
 * empty, `.` or `..` segment, no control character, slash or backslash behind a percent code. So nothing that reads the path later, such as a library
 * with a parser of its own, can understand another path than the one that was routed.
 */
export function parseRequestTarget(target: string): RequestTarget | undefined {
  if (target.length > maxChars) return undefined
  const mark = target.indexOf('?')
  const path = mark === -1 ? target : target.slice(0, mark)
  const query = mark === -1 ? '' : target.slice(mark + 1)
  if (!path.startsWith('/') || !pathChars.test(path) || !queryChars.test(query)) return undefined
  const segments = path.slice(1).split('/').map(decodePart)
  const isPlain = segments.every((segment, at) => isPlainSegment(segment, at === segments.length - 1))
  if (!isPlain || decodePart(query) === undefined) return undefined
  return { path, query: new URLSearchParams(query) }
}

/** Returns true for a segment of a path; the last one may be empty. */
function isPlainSegment(segment: string | undefined, isLast: boolean): boolean {
  if (segment === undefined || (segment === '' && !isLast)) return false
  return segment !== '.' && segment !== '..' && !hasControls(segment) && !/[/\\]/.test(segment)
}

function hasControls(text: string): boolean {
  return Array.from(text).some((char) => char < ' ' || (char >= '\u007f' && char <= '\u009f'))
}

/** Decodes percent codes; undefined where they are broken, or no UTF-8. */
function decodePart(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
