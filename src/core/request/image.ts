/** Parts of an image's name `repo:tag@digest`; tag and digest are optional. */
export type ImageName = { repo: string; tag?: string; digest?: string }

/** The only accepted form of a digest: SHA-256 in hex. */
export const digestForm = /^sha256:[0-9a-f]{64}$/

export function imageName(image: string): ImageName {
  const at = image.indexOf('@')
  const named = at === -1 ? image : image.slice(0, at)
  // A colon before the last slash belongs to a port.
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1)
  return {
    repo: colon === -1 ? named : named.slice(0, colon),
    ...(colon === -1 ? {} : { tag: named.slice(colon + 1) }),
    ...(at === -1 ? {} : { digest: image.slice(at + 1) }),
  }
}

/** Returns the configured image as one string, with its digest where the owner set one. */
export function configuredImage({ repo, version, digest }: { repo: string; version: string; digest?: string }): string {
  return digest === undefined ? `${repo}:${version}` : withDigest(`${repo}:${version}`, digest)
}

/** Returns `repo:tag` of an image, without its digest. */
export function tagged(image: string): string {
  const { repo, tag } = imageName(image)
  return tag === undefined ? repo : `${repo}:${tag}`
}

/** Returns `repo:tag@digest`: the tag for people, the digest for the exact content. */
export function withDigest(image: string, digest: string): string {
  return `${tagged(image)}@${digest}`
}

/**
 * Returns the image name for the container runtime: `repo@digest` without the tag, where a digest is known. containerd
 * drops the tag itself; some versions of CRI-O refuse a name with both (cri-o#8603).
 */
export function runtimeImage(image: string): string {
  const { repo, digest } = imageName(image)
  return digest === undefined ? image : `${repo}@${digest}`
}

/** Returns true when an image is the configured one, `repo:tag`, with or without its digest. */
export function isImageOf(image: string, configured: string): boolean {
  return image === configured || image.startsWith(`${configured}@`)
}

/** Returns an image as text for people: `repo:v1 (sha256:0123456789ab…)`. */
export function imageText(image: string): string {
  const { digest } = imageName(image)
  return digest === undefined ? image : `${tagged(image)} (${shortenDigest(digest)})`
}

function shortenDigest(digest: string): string {
  return `${digest.slice(0, 'sha256:'.length + 12)}…`
}

/** Returns a text if a tag now points to another digest than the pinned one; undefined if not, or if one is unknown. */
export function movedTag(pinned: string, now: string): string | undefined {
  const [before, after] = [imageName(pinned).digest, imageName(now).digest]
  if (before === undefined || after === undefined || before === after) return undefined
  return `${tagged(pinned)} was ${shortenDigest(before)} and is ${shortenDigest(after)} now`
}
