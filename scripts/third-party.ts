import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const LICENCE_FILE = /^(?:licen[cs]e|copying|notice)(?:[-.].*)?$/i
/** What may be published inside the package. */
const ALLOWED = /^(?:MIT|ISC|BSD-2-Clause|BSD-3-Clause|0BSD|Apache-2\.0|BlueOak-1\.0\.0|CC0-1\.0|Unlicense)$/

interface PackageFile {
  readonly name: string
  readonly version: string
  readonly license?: string
}

/** Names, versions and licence texts of bundled packages; fails for a licence that does not allow it. */
export async function thirdPartyText(root: string, folders: readonly string[]): Promise<string> {
  const parts = await Promise.all(folders.map(folder => describe(join(root, folder))))
  const rule = '-'.repeat(80)
  return `Sluice contains the following packages.\n\n${parts.map(part => `${rule}\n${part}`).join('\n')}`
}

async function describe(folder: string): Promise<string> {
  const {
    name,
    version,
    license = 'none',
  } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as PackageFile
  if (
    !license
      .replaceAll(/[()]/g, '')
      .split(' OR ')
      .some(each => ALLOWED.test(each))
  ) {
    throw new Error(`${name} ${version} is under ${license}, which may not be bundled`)
  }
  const files = (await readdir(folder)).filter(file => LICENCE_FILE.test(file)).toSorted()
  const texts = await Promise.all(files.map(file => readFile(join(folder, file), 'utf8')))
  return `${name} ${version} (${license})\n\n${texts.map(text => text.trim()).join('\n\n')}\n`
}
