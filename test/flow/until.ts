/** Waits until something holds; an error says what there was instead, where that is given. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  seconds = 40,
  instead?: () => string,
): Promise<void> {
  for (const end = Date.now() + seconds * 1_000; Date.now() < end; ) {
    if (await holds()) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`not so after ${seconds} s: ${what}${instead === undefined ? '' : `, but:\n${instead()}`}`)
}
