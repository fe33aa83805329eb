/** Returns the message of what was thrown, whatever it is. It may quote what somebody sent, so it isn't for everybody's eyes. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
