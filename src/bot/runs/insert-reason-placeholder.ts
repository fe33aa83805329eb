/** Returns the command with a placeholder for a reason. */
export function withReason(typed: string): string {
  return typed.replace(/^(\s*shell)\b/, '$1 --reason "…"')
}
