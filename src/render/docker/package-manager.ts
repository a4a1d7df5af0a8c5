import type { NodeBuild } from './build-facts.ts'

/** How one package manager is set up and called in a Dockerfile. */
export interface PackageManagerSteps {
  /** What npm installs to have it; undefined where the base image brings it. */
  readonly from?: string
  readonly variables: Readonly<Record<string, string>>
  /** The folder that keeps downloads from build to build. */
  readonly cache: string
  /** Yarn classic breaks a cache that two installations fill at once, and all wait for each other rather than that. */
  readonly isCacheLocked: boolean
  readonly install: string
  readonly installProduction: string
}

export function packageManagerSteps(build: NodeBuild): PackageManagerSteps {
  const version = build.packageManagerVersion ?? ''
  const isLocked = build.lockFile !== undefined
  if (build.packageManager === 'npm') return npm(isLocked)
  if (build.packageManager === 'pnpm') return pnpm(version, isLocked)
  return /^[01](?:\.|$)/.test(version) ? classicYarn(version, isLocked) : yarn(version, isLocked)
}

export const NPM_CACHE = '/root/.npm'

function npm(isLocked: boolean): PackageManagerSteps {
  const install = `npm ${isLocked ? 'ci' : 'install'} --no-audit --no-fund`
  return {
    variables: {},
    cache: NPM_CACHE,
    isCacheLocked: false,
    install,
    installProduction: `${install} --omit=dev`,
  }
}

function pnpm(version: string, isLocked: boolean): PackageManagerSteps {
  const cache = '/var/cache/pnpm'
  // Nobody is there to be asked.
  const install = `CI=true pnpm install --store-dir=${cache} ${isLocked ? '--frozen-lockfile' : '--no-frozen-lockfile'}`
  return {
    from: `pnpm@${version}`,
    variables: {},
    cache,
    isCacheLocked: false,
    install,
    installProduction: `${install} --prod`,
  }
}

function classicYarn(version: string, isLocked: boolean): PackageManagerSteps {
  const cache = '/var/cache/yarn'
  // Not for all that yarn does: `yarn run` as another user fails where it may not write there.
  const install = `YARN_CACHE_FOLDER=${cache} yarn install --non-interactive${isLocked ? ' --frozen-lockfile' : ''}`
  return {
    from: `yarn@${version}`,
    variables: {},
    cache,
    isCacheLocked: true,
    install,
    installProduction: `${install} --production`,
  }
}

function yarn(version: string, isLocked: boolean): PackageManagerSteps {
  const cache = '/var/cache/yarn'
  return {
    from: `@yarnpkg/cli-dist@${version}`,
    variables: {
      YARN_ENABLE_GLOBAL_CACHE: 'true',
      YARN_ENABLE_TELEMETRY: 'false',
      YARN_GLOBAL_FOLDER: cache,
      // Production holds a node_modules that needs no yarn to be read.
      YARN_NODE_LINKER: 'node-modules',
    },
    cache,
    isCacheLocked: false,
    install: `yarn install ${isLocked ? '--immutable' : '--no-immutable'}`,
    installProduction: 'yarn workspaces focus --production',
  }
}
