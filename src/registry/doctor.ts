import { type Finding, failed, notChecked, ok, warning } from '#core/doctor/finding'
import { tagged, withDigest } from '#core/request/image'
import type { ImageSettings } from './images.ts'
import { type ImageManifest, type ManifestProblem, readManifest } from './look-up-manifest.ts'

/** Platform in an image's index: `linux` and `amd64`. */
export type Platform = { os: string; architecture: string }

const check = 'shell image'

/** Checks that the registry has the configured image; `platforms` are those of its index, where it has one. */
export async function diagnoseImage(
  settings: ImageSettings,
): Promise<{ findings: Finding[]; platforms?: readonly Platform[] }> {
  const { image, digest, pin } = settings
  const wanted = digest === undefined ? image : withDigest(image, digest)
  const found = await readManifest(wanted, settings)
  if ('problem' in found) return { findings: [explainProblem(found, wanted, settings)] }
  const platforms = platformsOf(found)
  const tagMoved = digest === undefined ? undefined : await findMovedTag(settings, digest)
  const finding =
    pin === 'off'
      ? warning(check, 'pin is off: the tag can be moved between an approval and its run', 'shell: { pin: registry }')
      : (tagMoved ?? ok(check, `${tagged(wanted)} is ${found.digest}`))
  return { findings: [finding], ...(platforms.length === 0 ? {} : { platforms }) }
}

function explainProblem({ problem, status }: ManifestProblem, image: string, settings: ImageSettings): Finding {
  const crane = `crane digest ${tagged(image)}`
  if (/is not in any registry/.test(problem)) {
    const why = `${problem}: nodes have to have it already`
    return notChecked(check, why, 'npx retina-chatops doctor --pull NODE starts a debug pod with it')
  }
  if (status === 401 || status === 403)
    return failed(
      check,
      problem,
      'shell: { registry: { dockerConfig: /path/of/.dockerconfigjson } }, or crane auth login',
    )
  if (status === 404 && settings.digest !== undefined)
    return failed(
      check,
      `${problem}: a wrong digest, or an image that is no more`,
      `${crane}; put it into shell.image.digest`,
    )
  if (status === 404) return failed(check, problem, `push it, or name another version: crane ls ${image.split(':')[0]}`)
  return failed(check, problem, `open the way to the registry; try: ${crane}`)
}

/** Returns a warning where the tag names another digest than the configured one. */
async function findMovedTag(settings: ImageSettings, digest: string): Promise<Finding | undefined> {
  const tag = await readManifest(settings.image, settings)
  if ('problem' in tag || tag.digest === digest) return undefined
  const why = `the tag ${settings.image} names ${tag.digest} now; ${digest} is used`
  return warning(check, why, 'where you want the new one, put its digest into shell.image.digest')
}

type Index = { manifests?: { platform?: { os?: unknown; architecture?: unknown } }[] }

function platformsOf({ text }: ImageManifest): Platform[] {
  const { manifests } = JSON.parse(text) as Index
  if (!Array.isArray(manifests)) return []
  return manifests.flatMap(({ platform }) =>
    typeof platform?.os === 'string' && typeof platform.architecture === 'string'
      ? [{ os: platform.os, architecture: platform.architecture }]
      : [],
  )
}
