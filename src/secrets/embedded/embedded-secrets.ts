import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../../model/user-error.ts'
import { checkSecretName, checkSecretValue, secretLabel } from '../secret-name.ts'
import type { SecretStore } from '../secret-store.ts'
import { createDurably, makePrivateFolder } from './durable-file.ts'
import { type EncryptionKey, loadEncryptionKey } from './encryption-key.ts'
import { type SecretVersion, seal, unseal } from './sealed-value.ts'

/**
 * Secrets in a folder on this machine: one encrypted file a version, `ENVIRONMENT/NAME/v3`. The key is created the
 * first time; keep `keyFile` away from backups of the folder, because whoever has both has the values.
 */
export async function openEmbeddedSecrets(options: {
  readonly folder: string
  readonly keyFile: string
}): Promise<SecretStore> {
  const { folder, keyFile } = options
  await makePrivateFolder(folder)
  const key = await loadEncryptionKey(keyFile, { mayCreate: (await entries(folder)).length === 0 })
  return new EmbeddedSecrets(folder, key)
}

class EmbeddedSecrets implements SecretStore {
  readonly #folder: string
  readonly #key: EncryptionKey

  constructor(folder: string, key: EncryptionKey) {
    this.#folder = folder
    this.#key = key
  }

  async currentVersion(environment: string, name: string): Promise<string | undefined> {
    checkSecretName(environment, name)
    const newest = await this.#newest(environment, name)
    return newest === 0 ? undefined : `v${newest}`
  }

  async read(environment: string, name: string, version: string): Promise<string> {
    checkSecretName(environment, name)
    const of = { environment, name, version }
    const where = `secret ${secretLabel(environment, name)} ${version}`
    const text = await this.#text(of)
    if (text === undefined) {
      throw new UserError(where, 'does not exist', 'write the secret, then make a new release')
    }
    const unsealed = unseal(this.#key, of, text)
    switch (unsealed.kind) {
      case 'value':
        return unsealed.value
      case 'other-key':
        throw new UserError(
          where,
          'was encrypted with another key',
          'restore the key file that belongs to it',
        )
      case 'damaged':
        throw new UserError(where, 'is damaged or was moved', 'restore its file from a backup')
      default:
        throw new Error(`unknown kind ${JSON.stringify(unsealed satisfies never)}`)
    }
  }

  async write(environment: string, name: string, value: string): Promise<string> {
    checkSecretName(environment, name)
    checkSecretValue(secretLabel(environment, name), value)
    await makePrivateFolder(this.#folderOf(environment, name))
    for (;;) {
      const version = `v${(await this.#newest(environment, name)) + 1}`
      const text = seal(this.#key, { environment, name, version }, value)
      const file = join(this.#folderOf(environment, name), version)
      // False when another writer took this version: the next one is tried.
      if (await createDurably(file, Buffer.from(text))) return version
    }
  }

  async list(environment: string): Promise<readonly { readonly name: string; readonly version: string }[]> {
    checkSecretName(environment, 'any')
    const names = (await entries(join(this.#folder, toFileName(environment)))).map(toName)
    const listed: { name: string; version: string }[] = []
    for (const name of names.toSorted()) {
      const newest = await this.#newest(environment, name)
      if (newest > 0) listed.push({ name, version: `v${newest}` })
    }
    return listed
  }

  /** Undefined when there is no such version. */
  async #text({ environment, name, version }: SecretVersion): Promise<string | undefined> {
    if (versionNumber(version) === 0) return undefined
    try {
      return await readFile(join(this.#folderOf(environment, name), version), 'utf8')
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  /** 0 when there is no version. */
  async #newest(environment: string, name: string): Promise<number> {
    return Math.max(0, ...(await entries(this.#folderOf(environment, name))).map(versionNumber))
  }

  #folderOf(environment: string, name: string): string {
    return join(this.#folder, toFileName(environment), toFileName(name))
  }
}

/** 0 for what is no version. */
function versionNumber(version: string): number {
  return /^v[1-9]\d{0,8}$/.test(version) ? Number(version.slice(1)) : 0
}

/** Some file systems take `TOKEN` and `token` for one name, so capitals are spelt `%54%4F…`. */
function toFileName(name: string): string {
  return name.replace(/[A-Z]/g, letter => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)
}

function toName(fileName: string): string {
  return fileName.replace(/%([0-9A-F]{2})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  )
}

async function entries(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder)
    return names.filter(name => !name.startsWith('.'))
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
