/** Kinds of commands: run a tool, run it after an approval, cancel the run, withdraw the request for approval, run it on all nodes. */
export const commandKinds = ['shell', 'approval', 'cancel', 'withdraw', 'fan-out'] as const
export type CommandKind = (typeof commandKinds)[number]
