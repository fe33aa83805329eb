/** Reason why a digest can't be determined: one sentence for people, without its full stop and without secrets. */
export class RegistryError extends Error {
  /** HTTP status by which the registry refused access, where that is the reason. */
  readonly status: number | undefined

  constructor(message: string, status?: number) {
    super(message)
    this.status = status
  }
}
