import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { imageEpoch } from '#dev/machine/oci'

/** Package in an image. `url`: package URL, by which scanners look up vulnerabilities. Plain JSON. */
export type ImageContent = { name: string; version: string; url: string; supplier?: string; license?: string }

/** Returns a software bill of materials as SPDX 2.3 JSON. */
export function sbom(name: string, contents: readonly ImageContent[]): string {
  const byUrl = new Map(contents.map((each) => [each.url, each]))
  const packages = [...byUrl.values()]
    .toSorted((one, other) => (one.url < other.url ? -1 : 1))
    .map((each, at) => ({
      SPDXID: `SPDXRef-${at + 1}-${each.name.replaceAll(/[^A-Za-z0-9.-]/g, '-')}`,
      name: each.name,
      versionInfo: each.version,
      downloadLocation: 'NOASSERTION',
      filesAnalyzed: false,
      ...(each.supplier === undefined ? {} : { supplier: `Organization: ${each.supplier}` }),
      licenseConcluded: 'NOASSERTION',
      licenseDeclared: each.license ?? 'NOASSERTION',
      copyrightText: 'NOASSERTION',
      externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: each.url }],
    }))
  const document = 'SPDXRef-DOCUMENT'
  return JSON.stringify(
    {
      spdxVersion: 'SPDX-2.3',
      dataLicense: 'CC0-1.0',
      SPDXID: document,
      name,
      documentNamespace: `urn:retina-chatops:${name}`,
      creationInfo: { created: new Date(imageEpoch * 1_000).toISOString(), creators: ['Tool: retina-chatops'] },
      packages,
      relationships: packages.map(({ SPDXID }) => ({
        spdxElementId: document,
        relationshipType: 'DESCRIBES',
        relatedSpdxElement: SPDXID,
      })),
    },
    null,
    2,
  )
}

/** Returns the Debian packages of a file system, from dpkg's status file or from a folder with one such file a package. */
export function debianContents(root: string): ImageContent[] {
  const status = join(root, 'var/lib/dpkg/status')
  const folder = join(root, 'var/lib/dpkg/status.d')
  const paragraphs = existsSync(folder)
    ? readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'))
    : readFileSync(status, 'utf8').split('\n\n')
  return paragraphs
    .map(parseFields)
    .filter(
      ({ Package, Status }) => Package !== undefined && (Status ?? 'install ok installed') === 'install ok installed',
    )
    .map(({ Package: name = '', Version: version = '', Architecture: arch = '', Maintainer: supplier = 'Debian' }) => ({
      name,
      version,
      supplier,
      url: `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${arch}`,
    }))
}

/** Returns the npm packages under a folder `node_modules`. */
export function npmContents(modules: string): ImageContent[] {
  return readdirSync(modules, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => (name.startsWith('@') ? npmContents(join(modules, name)) : npmPackage(join(modules, name))))
}

function npmPackage(folder: string): ImageContent[] {
  const file = join(folder, 'package.json')
  const nested = join(folder, 'node_modules')
  const own = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string; license?: unknown })
    : {}
  const { name, version, license } = own
  const found = name === undefined || version === undefined ? [] : [npmContent(name, version, license)]
  return [...found, ...(existsSync(nested) ? npmContents(nested) : [])]
}

/** Returns the entry of an npm package. `license`: as in its package.json. */
export function npmContent(name: string, version: string, license: unknown): ImageContent {
  return {
    name,
    version,
    url: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    // SPDX wants an expression: words like "SEE LICENSE IN" aren't one.
    ...(typeof license === 'string' && /^[A-Za-z0-9.+-]+$/.test(license) ? { license } : {}),
  }
}

function parseFields(paragraph: string): Record<string, string> {
  const pairs = paragraph.split('\n').flatMap((line) => {
    const match = /^([A-Za-z-]+): (.*)$/.exec(line)
    return match?.[1] === undefined || match[2] === undefined ? [] : [[match[1], match[2]] as const]
  })
  return Object.fromEntries(pairs)
}
