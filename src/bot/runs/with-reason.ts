/** The same command with a place for a reason. */
export function withReason(typed: string): string {
  return typed.replace(/^(\s*shell)\b/, '$1 --reason "…"')
}
