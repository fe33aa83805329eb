import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A built image. `sbom`: file with its bill of materials. */
type Built = { digest: string; sbom: string }

/**
 * Resolves with two builds of an image from the same packages: the one of the cache and another without it; where Debian has
 * published newer packages since, two without it. Their `sbom` is its text. `build`: builds it with an empty folder as its cache.
 */
export async function twoBuilds(
  cached: Built,
  build: (cacheFolder: string) => Promise<Built>,
): Promise<[Built, Built]> {
  const one = { digest: cached.digest, sbom: readFileSync(cached.sbom, 'utf8') }
  const other = await buildAlone(build)
  return [one.sbom === other.sbom ? one : await buildAlone(build), other]
}

/** Builds an image, and resolves with its digest and the text of its bill of materials; removes all else. */
async function buildAlone(build: (cacheFolder: string) => Promise<Built>): Promise<Built> {
  const folder = mkdtempSync(join(tmpdir(), 'retina-image-'))
  try {
    const { digest, sbom } = await build(folder)
    return { digest, sbom: readFileSync(sbom, 'utf8') }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
