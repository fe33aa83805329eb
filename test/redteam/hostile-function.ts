/** Function that reads what others wrote, and the lengths of text at which its growth is measured. */
export type HostileFunction = { name: string; run: (text: string) => void; lengths: { from: number; to: number } }

/** Commands are cut at 4,000 characters. */
export const typedLengths = { from: 480, to: 3_900 }
/** For what makes an object of each character; far more than a command may have. */
export const someLengths = { from: 1_000, to: 17_000 }
/** For what reads any length: quadratic work with 32,000 characters takes half a second. */
export const anyLengths = { from: 1_000, to: 33_000 }
