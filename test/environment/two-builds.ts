/** A built image. `sbom`: its bill of materials as text. */
export type Built = { digest: string; sbom: string }

/**
 * Resolves with two builds of an image from the same packages: the one of the cache and another without it; where Debian has published newer
 * packages since, two without it.
 */
export async function twoBuilds(cached: Built, build: () => Promise<Built>): Promise<[Built, Built]> {
  const built = await build()
  return built.sbom === cached.sbom ? [cached, built] : [await build(), built]
}
