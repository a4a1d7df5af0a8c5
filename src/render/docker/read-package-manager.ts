import type { NodeBuild, PackageManager } from './build-facts.ts'
import type { BuildFolder } from './build-folder.ts'

type Found = Pick<
  NodeBuild,
  'packageManager' | 'packageManagerVersion' | 'lockFile' | 'installFiles' | 'installFolders'
>

const LOCK_FILES: Readonly<Record<PackageManager, readonly string[]>> = {
  pnpm: ['pnpm-lock.yaml'],
  yarn: ['yarn.lock'],
  npm: ['npm-shrinkwrap.json', 'package-lock.json'],
}

const SETTINGS: Readonly<Record<PackageManager, readonly string[]>> = {
  npm: ['.npmrc'],
  pnpm: ['.npmrc', 'pnpm-workspace.yaml', '.pnpmfile.cjs'],
  yarn: ['.npmrc', '.yarnrc', '.yarnrc.yml'],
}

const FOLDERS: Readonly<Record<PackageManager, readonly string[]>> = {
  npm: ['patches'],
  pnpm: ['patches'],
  yarn: ['patches', '.yarn/patches', '.yarn/plugins', '.yarn/releases'],
}

/** As Corepack reads it; a hash may follow. */
const NAMED = /^(npm|pnpm|yarn)@(\d+\.\d+\.\d+[\w.-]*)/

/** The one that `packageManager` names, else the one whose lock file is there, else npm. */
export function readPackageManager(folder: BuildFolder, manifest: Readonly<Record<string, unknown>>): Found {
  const { files } = folder
  const written = manifest['packageManager']
  const named = typeof written === 'string' ? NAMED.exec(written) : null
  const packageManager = nameOf(named?.[1]) ?? withLockFile(files) ?? 'npm'
  const version = packageManager === 'npm' ? undefined : (named?.[2] ?? likelyVersion(folder, packageManager))
  const lockFile = LOCK_FILES[packageManager].find(name => files.includes(name))
  return {
    packageManager,
    ...(version === undefined ? {} : { packageManagerVersion: version }),
    ...(lockFile === undefined ? {} : { lockFile }),
    installFiles: [
      'package.json',
      lockFile ?? [],
      SETTINGS[packageManager].filter(name => files.includes(name)),
    ].flat(),
    installFolders: FOLDERS[packageManager].filter(path => hasFolder(folder, path)),
  }
}

function hasFolder({ folders }: BuildFolder, path: string): boolean {
  const parent = path.split('/').slice(0, -1).join('/')
  return folders(parent).includes(path.split('/').at(-1) ?? path)
}

function nameOf(text: string | undefined): PackageManager | undefined {
  return text === 'npm' || text === 'pnpm' || text === 'yarn' ? text : undefined
}

function withLockFile(files: readonly string[]): PackageManager | undefined {
  const known = Object.entries(LOCK_FILES).find(([, names]) => names.some(name => files.includes(name)))
  return nameOf(known?.[0])
}

/** The major version that writes such a lock file. One that is too large to be read is taken for a present one. */
function likelyVersion(folder: BuildFolder, packageManager: 'pnpm' | 'yarn'): string {
  if (packageManager === 'yarn') {
    const isClassic =
      !folder.files.includes('.yarnrc.yml') && !(folder.read('yarn.lock') ?? '').includes('\n__metadata:')
    return isClassic ? '1' : '4'
  }
  const format = /^lockfileVersion: '?(\d+)/m.exec(folder.read('pnpm-lock.yaml') ?? '')?.[1]
  return format === '5' ? '7' : format === '6' ? '8' : '10'
}
