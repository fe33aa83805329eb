/** Characters that occupy no space, hide others or change their order. Source: Unicode Standard Annex 44. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Me}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}]/u
/** Characters that look empty or end a line; U+2800 is a Braille pattern without dots. */
const blank = /[\p{White_Space}\u2800\ufffc]/u
const mark = /\p{M}/u
const letter = /\p{L}/u

/** Maximum number of combining marks on one letter: written languages use two at most. */
const maxMarks = 2

/** How a character may appear in one line of text: as it is, as a space, or not at all. */
export type Visibility = 'shown' | 'blank' | 'hidden'

/**
 * Creates a function that classifies the characters of one text, called with each in order. A combining mark is shown
 * only on a letter, since it would otherwise alter a quotation mark or a space, and only `maxMarks` of them.
 */
export function visibilityOf(): (character: string) => Visibility {
  let marksLeft = 0
  return (character) => {
    if (mark.test(character) && !unseen.test(character)) {
      marksLeft -= 1
      return marksLeft >= 0 ? 'shown' : 'hidden'
    }
    // A hidden character between a letter and its marks changes nothing that is seen.
    const hidden = unseen.test(character) && !blank.test(character)
    if (hidden) return 'hidden'
    marksLeft = letter.test(character) ? maxMarks : 0
    return blank.test(character) ? 'blank' : 'shown'
  }
}

/** Returns how many characters were left out of a text, as text behind it; nothing for none. */
export function restText(left: number): string {
  return left === 0 ? '' : ` (${left.toLocaleString('en')} more character${left === 1 ? '' : 's'})`
}

/** First characters of a text in one line, without anything unseen, and the number of those that were left out. */
type Line = { text: string; left: number }

/** Reduces a text to one line of at most `maxChars` visible characters; runs of blanks become one space. */
function toLine(text: string, maxChars: number): Line {
  const classify = visibilityOf()
  const shown: string[] = []
  let left = 0
  let isAfterBlank = true
  for (const character of text.normalize('NFC')) {
    const visibility = classify(character)
    if (visibility === 'hidden' || (visibility === 'blank' && isAfterBlank)) continue
    isAfterBlank = visibility === 'blank'
    if (shown.length < maxChars) shown.push(isAfterBlank ? ' ' : character)
    else left += 1
  }
  return { text: shown.join('').trimEnd(), left: isAfterBlank && left > 0 ? left - 1 : left }
}

/** Returns `toLine` as one text, with an ellipsis and the count of what was left out. */
export function oneLine(text: string, maxChars: number): string {
  const { text: line, left } = toLine(text, maxChars)
  return left === 0 ? line : `${line}…${restText(left)}`
}

/** All characters that a reader may take for a double quotation mark. */
const quotationMarks = /["\u02ba\u02dd\u02ee\u02f6\u05f4\u201c-\u201f\u2033\u2036\u3003\u301d-\u301f\uff02]/g

/**
 * Returns a person's text in one line between double quotation marks; those in it become single ones, so that the text
 * can't end its own quotation. What is too long is cut, and the rest counted behind the quotation.
 */
export function quoteLine(text: string, maxChars: number): string {
  const { text: line, left } = toLine(text, maxChars)
  return `"${line.replaceAll(quotationMarks, "'")}${left === 0 ? '' : '…'}"${restText(left)}`
}

/** Returns true where a text has something that a reader sees. */
export function isVisible(text: string): boolean {
  return toLine(text, 1).text !== ''
}
