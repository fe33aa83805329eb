import { describe, expect, test } from '@jest/globals'
import type { ArtifactStore, NewArtifact } from '#core/ports/artifacts'

type Opened = {
  store: ArtifactStore
  pass: (ms: number) => Promise<void>
  now: () => number
  /** Changes stored bytes as somebody without the key would. */
  change: (name: string, change: (bytes: Uint8Array) => Uint8Array) => Promise<void>
}

/** Tests what every store of artifacts has to do. `open`: with the maximum total in bytes, if there is one. */
export function artifactsContract(name: string, open: (most?: number) => Promise<Opened>): void {
  const artifact = ({ now }: Opened, path: string, seconds = 60): NewArtifact => ({
    ...{ name: path, mediaType: 'application/octet-stream', sensitivity: 'sensitive' },
    createdAt: new Date(now()).toISOString(),
    expiresAt: new Date(now() + seconds * 1_000).toISOString(),
  })

  describe(`${name} meets the contract of a store of artifacts`, () => {
    test('what is stored is returned, byte for byte, with its description', async () => {
      const opened = await open()
      const bytes = Uint8Array.from({ length: 300 }, (_each, at) => at % 256)
      expect(await opened.store.get('recordings/a/000000')).toBeUndefined()
      const about = artifact(opened, 'recordings/a/000000')
      expect(await opened.store.put(about, bytes)).toBe('stored')
      const found = await opened.store.get('recordings/a/000000')
      if (found === undefined || found === 'broken') throw new Error('it was stored')
      expect(Uint8Array.from(found.bytes)).toEqual(bytes)
      expect(found.artifact).toMatchObject({ ...about, bytes: 300 })
      expect(found.artifact.sha256).toMatch(/^[0-9a-f]{64}$/)
    })

    test('names are listed by what they begin with; one is removed', async () => {
      const opened = await open()
      for (const path of ['recordings/b/000001', 'recordings/b/000000', 'recordings/bb/000000'])
        await opened.store.put(artifact(opened, path), new Uint8Array([1]))
      expect(await opened.store.names('recordings/b/')).toEqual(['recordings/b/000000', 'recordings/b/000001'])
      await opened.store.remove('recordings/b/000000')
      expect(await opened.store.names('recordings/b/')).toEqual(['recordings/b/000001'])
      expect(await opened.store.get('recordings/b/000000')).toBeUndefined()
      expect((await opened.store.room()).usedBytes).toBe(2)
    })

    test('an artifact is gone after its end, and its room is free', async () => {
      const opened = await open(100)
      await opened.store.put(artifact(opened, 'short', 10), new Uint8Array(80))
      await opened.store.put(artifact(opened, 'long', 1_000), new Uint8Array(10))
      expect(await opened.store.room()).toEqual({ usedBytes: 90, freeBytes: 10 })
      await opened.pass(11_000)
      expect(await opened.store.get('short')).toBeUndefined()
      expect(await opened.store.names('')).toEqual(['long'])
      expect(await opened.store.room()).toEqual({ usedBytes: 10, freeBytes: 90 })
    })

    test('what finds no room is refused and changes nothing; one that is replaced counts once', async () => {
      const opened = await open(100)
      expect(await opened.store.put(artifact(opened, 'a'), new Uint8Array(60))).toBe('stored')
      expect(await opened.store.put(artifact(opened, 'b'), new Uint8Array(41))).toBe('full')
      expect(await opened.store.get('b')).toBeUndefined()
      expect(await opened.store.put(artifact(opened, 'a'), new Uint8Array(100))).toBe('stored')
      expect(await opened.store.room()).toEqual({ usedBytes: 100, freeBytes: 0 })
    })

    test('T54 one changed byte is found', async () => {
      const opened = await open()
      await opened.store.put(artifact(opened, 'a'), new Uint8Array([1, 2, 3]))
      await opened.change('a', (bytes) => bytes.with(1, 9))
      expect(await opened.store.get('a')).toBe('broken')
    })
  })
}
