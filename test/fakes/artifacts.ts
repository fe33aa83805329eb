import { createHash } from 'node:crypto'
import type { Artifact, ArtifactStore } from '#core/ports/artifacts'
import { type FakeClock, fakeClock } from './clock.ts'

export type FakeArtifacts = ArtifactStore & {
  /** Changes stored bytes as somebody without the key would. */
  change: (name: string, change: (bytes: Uint8Array) => Uint8Array) => void
  /** Maximum total of all artifacts. */
  most: number
}

type Stored = { artifact: Artifact; bytes: Uint8Array }

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Returns a store of artifacts in memory. */
export function memoryArtifacts(clock: FakeClock = fakeClock(), most = Number.POSITIVE_INFINITY): FakeArtifacts {
  const all = new Map<string, Stored>()
  const live = () => {
    for (const [name, { artifact }] of all)
      if (Date.parse(artifact.expiresAt) <= clock.now().getTime()) all.delete(name)
    return all
  }
  const used = () => [...live().values()].reduce((sum, { bytes }) => sum + bytes.length, 0)
  const store: FakeArtifacts = {
    most,
    async put(given, bytes) {
      const before = live().get(given.name)?.bytes.length ?? 0
      if (used() - before + bytes.length > store.most) return 'full'
      const artifact = { ...given, bytes: bytes.length, sha256: sha256(bytes) }
      all.set(given.name, { artifact, bytes: Uint8Array.from(bytes) })
      return 'stored'
    },
    async get(name) {
      const found = live().get(name)
      return found === undefined || sha256(found.bytes) === found.artifact.sha256 ? found : 'broken'
    },
    names: async (prefix) => [...live().keys()].filter((name) => name.startsWith(prefix)).toSorted(),
    async remove(name) {
      all.delete(name)
    },
    async room() {
      const isLimited = store.most !== Number.POSITIVE_INFINITY
      return { usedBytes: used(), freeBytes: isLimited ? Math.max(0, store.most - used()) : undefined }
    },
    change(name, change) {
      const found = all.get(name)
      if (found !== undefined) all.set(name, { ...found, bytes: change(Uint8Array.from(found.bytes)) })
    },
  }
  return store
}
