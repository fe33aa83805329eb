/** An image's name in its parts: `repo:tag@digest`, of which all but the repository may be missing. */
export type ImageName = { repo: string; tag?: string; digest?: string }

/** The one form of a digest that is taken: SHA-256 in hex. */
export const digestForm = /^sha256:[0-9a-f]{64}$/

export function imageName(image: string): ImageName {
  const at = image.indexOf('@')
  const named = at === -1 ? image : image.slice(0, at)
  // A colon before the last slash is a port's.
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1)
  return {
    repo: colon === -1 ? named : named.slice(0, colon),
    ...(colon === -1 ? {} : { tag: named.slice(colon + 1) }),
    ...(at === -1 ? {} : { digest: image.slice(at + 1) }),
  }
}

/** The image of a configuration in one word, with its digest where the owner named it. */
export function configuredImage({ repo, version, digest }: { repo: string; version: string; digest?: string }): string {
  return digest === undefined ? `${repo}:${version}` : withDigest(`${repo}:${version}`, digest)
}

/** `repo:tag` of an image: what people call it, whatever it stands for now. */
export function tagged(image: string): string {
  const { repo, tag } = imageName(image)
  return tag === undefined ? repo : `${repo}:${tag}`
}

/** `repo:tag@digest`: the name for people, and the bytes that are meant. */
export function withDigest(image: string, digest: string): string {
  return `${tagged(image)}@${digest}`
}

/**
 * What a container runtime is asked for: `repo@digest` where a digest is known, without the tag. containerd drops the tag itself;
 * CRI-O refuses to have both in some of its versions (cri-o#8603).
 */
export function runtimeImage(image: string): string {
  const { repo, digest } = imageName(image)
  return digest === undefined ? image : `${repo}@${digest}`
}

/** An image for people: `repo:v1 (sha256:0123456789ab…)`. */
export function imageText(image: string): string {
  const { digest } = imageName(image)
  return digest === undefined ? image : `${tagged(image)} (${shortenDigest(digest)})`
}

function shortenDigest(digest: string): string {
  return `${digest.slice(0, 'sha256:'.length + 12)}…`
}

/** In words, how the image that a tag stands for now differs from the pinned one; undefined where it doesn't, or isn't known. */
export function movedTag(pinned: string, now: string): string | undefined {
  const [before, after] = [imageName(pinned).digest, imageName(now).digest]
  if (before === undefined || after === undefined || before === after) return undefined
  return `${tagged(pinned)} was ${shortenDigest(before)} and is ${shortenDigest(after)} now`
}
