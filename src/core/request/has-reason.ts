import { isVisible } from '#core/util/one-line'

/** Returns true where a request has a reason that people can see. */
export function hasReason({ reason }: { reason?: string | undefined }): boolean {
  return reason !== undefined && isVisible(reason)
}
