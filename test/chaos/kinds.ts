/** What somebody does: has a tool run, has it run once somebody else approved, calls it off, takes a request back, asks all nodes at once. */
export const kinds = ['shell', 'approval', 'cancel', 'withdraw', 'fan-out'] as const
export type Kind = (typeof kinds)[number]
