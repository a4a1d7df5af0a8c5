import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { canonicalJson } from '../../model/digest.ts'
import type { EncryptionKey } from './encryption-key.ts'

/** What a value belongs to; bound to the encrypted value, so that files cannot be exchanged. */
export interface SecretVersion {
  readonly environment: string
  readonly name: string
  readonly version: string
}

export type Unsealed =
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'other-key' }
  | { readonly kind: 'damaged' }

const ALGORITHM = 'aes-256-gcm'
/** NIST SP 800-38D: 96 bits, random, is safe for 2^32 values with one key. */
const NONCE_BYTES = 12
const TAG_BYTES = 16

interface Sealed {
  /** The id of the key. */
  readonly key: string
  readonly nonce: Buffer
  readonly tag: Buffer
  readonly value: Buffer
}

const fileSchema = z.strictObject({
  format: z.literal(1),
  key: z.string(),
  nonce: z.base64(),
  tag: z.base64(),
  value: z.base64(),
})

/** The text of the file that holds the value, encrypted and authenticated. */
export function seal(key: EncryptionKey, of: SecretVersion, value: string): string {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(ALGORITHM, key.bytes, nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(boundTo(of))
  const encrypted = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()])
  return toText({ key: key.id, nonce, tag: cipher.getAuthTag(), value: encrypted })
}

/** The value, if the text was sealed with this key for this very version and not changed since. */
export function unseal(key: EncryptionKey, of: SecretVersion, text: string): Unsealed {
  const sealed = fromText(text)
  if (sealed === undefined) return { kind: 'damaged' }
  if (sealed.key !== key.id) return { kind: 'other-key' }
  try {
    const decipher = createDecipheriv(ALGORITHM, key.bytes, sealed.nonce, { authTagLength: TAG_BYTES })
    decipher.setAAD(boundTo(of))
    decipher.setAuthTag(sealed.tag)
    const value = Buffer.concat([decipher.update(sealed.value), decipher.final()])
    return { kind: 'value', value: value.toString('utf8') }
  } catch {
    // The tag does not fit, or has not even the right length.
    return { kind: 'damaged' }
  }
}

/** The id of the key that a text was sealed with; undefined where it is damaged. */
export function keyIdOf(text: string): string | undefined {
  return fromText(text)?.key
}

function toText({ key, nonce, tag, value }: Sealed): string {
  const parts = {
    nonce: nonce.toString('base64'),
    tag: tag.toString('base64'),
    value: value.toString('base64'),
  }
  return `${JSON.stringify({ format: 1, key, ...parts })}\n`
}

function fromText(text: string): Sealed | undefined {
  try {
    const { key, nonce, tag, value } = fileSchema.parse(JSON.parse(text))
    const sealed = { key, nonce: toBytes(nonce), tag: toBytes(tag), value: toBytes(value) }
    // JSON and Base64 have several texts for the same content; only the one that was written is taken.
    return toText(sealed) === text ? sealed : undefined
  } catch {
    return undefined
  }
}

function toBytes(base64: string): Buffer {
  return Buffer.from(base64, 'base64')
}

function boundTo({ environment, name, version }: SecretVersion): Buffer {
  return Buffer.from(canonicalJson({ format: 1, environment, name, version }))
}
