import { sampleMessages } from '#test/samples/messages'

/** Names of the gallery's files without their endings, one for each sample message. */
export const names: readonly string[] = sampleMessages.map((message, at) => {
  const part = 'part' in message && message.part !== undefined ? `-${message.part}` : ''
  return `${String(at + 1).padStart(2, '0')}-${message.kind}${part}`
})
