import { z } from 'zod'
import type { Digest } from '../model/digest.ts'
import type { Instant } from '../model/instant.ts'

/** One file in a backup, after the manifest and in its order. */
export interface BackupEntry {
  readonly path: string
  readonly bytes: number
  readonly digest: Digest
}

/** The first file in a backup: what else is in it. */
export interface Manifest {
  readonly format: 1
  /** The Sluice that made it. */
  readonly sluice: string
  /** Everything that was recorded before is in it; what was recorded while the store was copied may be. */
  readonly at: Instant
  /** The newest event, which stands for the whole audit log: each one names the hash of the one before. */
  readonly audit: { readonly events: number; readonly hash: Digest }
  readonly hasArtifacts: boolean
  readonly entries: readonly BackupEntry[]
}

export const MANIFEST_PATH = 'manifest.json'
/** The last file: the digest of the manifest's bytes. */
export const SEAL_PATH = 'manifest.sha256'
export const DATABASE_PATH = 'sluice.db'
/** A million entries, about. */
export const MANIFEST_BYTES = 200_000_000

/** Nothing else is ever in a backup, so no other path is taken from one. */
const PATHS = [
  /^sluice\.db$/,
  /^secrets\/[A-Za-z0-9_%][A-Za-z0-9_.%-]{0,255}\/[A-Za-z0-9_%][A-Za-z0-9_.%-]{0,255}\/v[1-9]\d{0,8}$/,
  /^artifacts\/sha256\/[0-9a-f]{64}$/,
]

const digest = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/)
  .transform(text => text as Digest)

const manifestSchema = z.strictObject({
  format: z.literal(1),
  sluice: z.string(),
  at: z.int().min(0),
  audit: z.strictObject({ events: z.int().min(0), hash: digest }),
  hasArtifacts: z.boolean(),
  entries: z.array(
    z.strictObject({
      path: z.string().refine(path => PATHS.some(pattern => pattern.test(path)), 'is no path of a backup'),
      bytes: z.int().min(0),
      digest,
    }),
  ),
})

/** The manifest in the text, or what is wrong with it. */
export function parseManifest(text: string): Manifest | string {
  const parsed = manifestSchema.safeParse(jsonOf(text))
  if (!parsed.success) return 'its manifest is not one that Sluice writes'
  const { entries } = parsed.data
  if (new Set(entries.map(({ path }) => path)).size < entries.length) return 'its manifest names a file twice'
  if (entries[0]?.path !== DATABASE_PATH) return 'its manifest names no database'
  const misnamed = entries.find(({ path, digest: actual }) => {
    const [, hex] = /^artifacts\/sha256\/(.*)$/.exec(path) ?? []
    return hex !== undefined && actual !== `sha256:${hex}`
  })
  return misnamed === undefined ? parsed.data : `${misnamed.path} has another digest than its name`
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
