/** Why a digest can't be told: one sentence for people, without its full stop, and without anything secret. */
export class RegistryError extends Error {}
