/** Reason why a digest can't be determined: one sentence for people, without its full stop and without secrets. */
export class RegistryError extends Error {}
