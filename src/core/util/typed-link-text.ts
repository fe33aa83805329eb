/** Longest link whose spellings are compared; longer ones have to be equal. */
const maxCompared = 2_000

/**
 * Returns the text that was typed where a chat shows a link: its label, where that is the link itself without what the chat adds (a scheme, a
 * slash, the encoding of international names). Any other label hides where the link leads, so the link is returned instead. Links to phone numbers
 * and e-mail addresses lead nowhere here: chats make them of digits and of names.
 */
export function linkText(target: string, label: string): string {
  const bare = target.replace(/^(mailto|tel):/i, '')
  if (bare !== target) return label === '' ? bare : label
  if (label === '' || label === target) return target
  const isSame = isSameText(target, label) || isSameText(withoutScheme(target), label) || isSameAddress(target, label)
  return isSame ? label : target
}

/** Returns true for a link that a chat made of digits, such as those of an IP address and a port. */
export function isPhoneLink(target: string): boolean {
  return /^tel:/i.test(target)
}

function withoutScheme(link: string): string {
  return link.replace(/^https?:\/\//, '')
}

function isSameText(one: string, other: string): boolean {
  const plain = (text: string) => text.replace(/\/$/, '').toLowerCase()
  return plain(one) === plain(other)
}

function isSameAddress(target: string, label: string): boolean {
  if (target.length > maxCompared || label.length > maxCompared || /[\s\p{Cc}]/u.test(label)) return false
  const address = addressOf(target)
  return address !== undefined && address === addressOf(/^https?:\/\//i.test(label) ? label : `http://${label}`)
}

/** Returns an address without its scheme, spelled as browsers do; undefined for other texts. */
function addressOf(link: string): string | undefined {
  return URL.canParse(link) ? withoutScheme(new URL(link).href) : undefined
}
