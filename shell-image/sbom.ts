import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { imageEpoch } from '#dev/machine/oci'

/** Returns the software bill of materials of a Debian file system as SPDX 2.3 JSON, from dpkg's status file. */
export function sbom(root: string, name: string): string {
  const status = readFileSync(join(root, 'var/lib/dpkg/status'), 'utf8')
  const packages = status
    .split('\n\n')
    .map(parseFields)
    .filter((each) => each['Status'] === 'install ok installed')
    .map((each) => {
      const [pkg, version, arch] = [each['Package'] ?? '', each['Version'] ?? '', each['Architecture'] ?? '']
      return {
        SPDXID: `SPDXRef-${pkg.replaceAll(/[^A-Za-z0-9.-]/g, '-')}`,
        name: pkg,
        versionInfo: version,
        downloadLocation: 'NOASSERTION',
        supplier: `Organization: ${each['Maintainer'] ?? 'Debian'}`,
        externalRefs: [
          {
            referenceCategory: 'PACKAGE-MANAGER',
            referenceType: 'purl',
            referenceLocator: `pkg:deb/debian/${pkg}@${encodeURIComponent(version)}?arch=${arch}`,
          },
        ],
      }
    })
  return JSON.stringify(
    {
      spdxVersion: 'SPDX-2.3',
      dataLicense: 'CC0-1.0',
      SPDXID: 'SPDXRef-DOCUMENT',
      name,
      documentNamespace: `urn:retina-chatops:${name}`,
      creationInfo: { created: new Date(imageEpoch * 1_000).toISOString(), creators: ['Tool: retina-chatops'] },
      packages,
    },
    null,
    2,
  )
}

function parseFields(paragraph: string): Record<string, string> {
  const pairs = paragraph.split('\n').flatMap((line) => {
    const match = /^([A-Za-z-]+): (.*)$/.exec(line)
    return match?.[1] === undefined || match[2] === undefined ? [] : [[match[1], match[2]] as const]
  })
  return Object.fromEntries(pairs)
}
