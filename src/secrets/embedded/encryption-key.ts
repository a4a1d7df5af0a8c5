import { randomBytes } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { sha256 } from '../../model/sha256.ts'
import { UserError } from '../../model/user-error.ts'
import { createDurably, makePrivateFolder } from './durable-file.ts'

const KEY_BYTES = 32

/** For AES-256. */
export interface EncryptionKey {
  readonly bytes: Buffer
  /** Tells which key a value needs without telling the key. */
  readonly id: string
}

/** Creates the key when there is none yet; a later call gives the same one. `mayCreate`: no value needs an older key. */
export async function loadEncryptionKey(
  keyFile: string,
  options: { readonly mayCreate: boolean },
): Promise<EncryptionKey> {
  const bytes = await readKey(keyFile)
  if (bytes !== undefined) return { bytes, id: idOf(bytes) }
  if (!options.mayCreate) {
    throw new UserError(
      keyFile,
      'is missing, and there are secrets that were encrypted with it',
      'put the copy that you keep elsewhere there (no backup has it), or remove the folder of secrets and write them again',
    )
  }
  await makePrivateFolder(dirname(keyFile))
  await createDurably(keyFile, randomBytes(KEY_BYTES))
  // Read back even when just written: another process may have been first.
  return await loadEncryptionKey(keyFile, { mayCreate: false })
}

async function readKey(keyFile: string): Promise<Buffer | undefined> {
  try {
    const { mode } = await stat(keyFile)
    if ((mode & 0o077) !== 0) {
      throw new UserError(keyFile, 'can be read by others', `make it private: chmod 600 ${keyFile}`)
    }
    const bytes = await readFile(keyFile)
    if (bytes.length === KEY_BYTES) return bytes
    throw new UserError(
      keyFile,
      `has ${bytes.length} bytes instead of ${KEY_BYTES}`,
      'use a whole copy of the key; no backup has it',
    )
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

function idOf(key: Buffer): string {
  // 64 bits of a hash over 256 random bits: enough to tell keys apart, nothing to find one by.
  return sha256(Buffer.concat([Buffer.from('sluice secret key v1'), key])).slice(
    'sha256:'.length,
    'sha256:'.length + 16,
  )
}
