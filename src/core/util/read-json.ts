/** Parses a request's body as JSON; undefined where it is longer than the limit in bytes, or no JSON. */
export async function readJson(body: AsyncIterable<Uint8Array>, longest: number): Promise<unknown> {
  const decoder = new TextDecoder()
  let text = ''
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > longest) return undefined
    text += decoder.decode(chunk, { stream: true })
  }
  try {
    return JSON.parse(text + decoder.decode())
  } catch {
    return undefined
  }
}
