/**
 * Does work when `signal` aborts, once; at once where it is aborted already, of which an event listener would never hear. Returns the function
 * that forgets the work.
 */
export function onAbort(signal: AbortSignal, work: () => void): () => void {
  if (signal.aborted) {
    work()
    return () => undefined
  }
  const listener = () => work()
  signal.addEventListener('abort', listener, { once: true })
  return () => signal.removeEventListener('abort', listener)
}
