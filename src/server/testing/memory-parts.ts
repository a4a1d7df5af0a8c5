import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Digest } from '../../model/digest.ts'
import { sha256 } from '../../model/sha256.ts'
import type { ArtifactSink, SecretBook, TakenBackup } from '../ports.ts'

/** Counts bytes and keeps none: tests send more than should stay in memory. */
export function memoryArtifacts(): ArtifactSink & {
  readonly kept: ReadonlyMap<Digest, number>
  readonly damaged: Set<Digest>
} {
  const kept = new Map<Digest, number>()
  const damaged = new Set<Digest>()
  return {
    kept,
    damaged,
    verify: digest =>
      Promise.resolve(damaged.has(digest) ? 'damaged' : kept.has(digest) ? 'whole' : 'missing'),
    async put(digest, content, { maxBytes }) {
      const hash = createHash('sha256')
      let bytes = 0
      for await (const chunk of content as AsyncIterable<Buffer>) {
        bytes += chunk.length
        if (bytes > maxBytes) return { kind: 'too-large', maxBytes }
        hash.update(chunk)
      }
      const actual: Digest = `sha256:${hash.digest('hex')}`
      if (actual !== digest) return { kind: 'mismatch', actual }
      kept.set(digest, bytes)
      damaged.delete(digest)
      return { kind: 'stored', bytes }
    },
  }
}

/** Every secret is there in every environment unless `missing` names it; values are not kept. */
export function memorySecrets(): SecretBook & { missing: readonly string[] } {
  const versions = new Map<string, number>()
  const versionOf = (key: string) => `v${versions.get(key) ?? 1}`
  return {
    missing: [],
    currentVersion(environment, name) {
      return Promise.resolve(this.missing.includes(name) ? undefined : versionOf(`${environment}/${name}`))
    },
    write(environment, name) {
      const key = `${environment}/${name}`
      versions.set(key, (versions.get(key) ?? 0) + 1)
      return Promise.resolve(versionOf(key))
    },
    list: environment =>
      Promise.resolve(
        [...versions.keys()]
          .filter(key => key.startsWith(`${environment}/`))
          .map(key => ({ name: key.slice(environment.length + 1), version: versionOf(key) })),
      ),
  }
}

/** No tar, but as much of one as the server looks at. */
export function memoryBackup(): Promise<TakenBackup> {
  const content = Readable.from([Buffer.from('a tar')])
  return Promise.resolve({ audit: { events: 7, hash: sha256('event 7') }, bytes: 5, content })
}
