/** What the folder of a service shows of how it is built. */
export type BuildFacts = NodeBuild | OtherBuild

export type PackageManager = 'npm' | 'pnpm' | 'yarn'

/** A folder with a package.json. Every path is below it, plain, with forward slashes. */
export interface NodeBuild {
  readonly language: 'node'
  readonly packageManager: PackageManager
  /** Exact (`9.12.0`) or a major version (`10`). Of yarn, 1 is classic and later ones are not. Of npm undefined: the base image's. */
  readonly packageManagerVersion?: string
  /** Undefined where there is none: two builds may then differ. */
  readonly lockFile?: string
  /** Files that the package manager reads: package.json, the lock file, its settings. */
  readonly installFiles: readonly string[]
  /** Folders that it reads, such as patches. */
  readonly installFolders: readonly string[]
  readonly scripts: Readonly<Partial<Record<'build' | 'dev' | 'start' | 'prepare' | 'test', string>>>
  readonly main?: string
  /** Whether anything is needed to run. */
  readonly hasDependencies: boolean
  /** Where `scripts.build` puts what runs. */
  readonly output: string
  /** What runs where nothing is built: the folder of the first file; `.` where that stands beside package.json. */
  readonly sources: string
  /** Folders that a program reads while it runs, such as `public`. */
  readonly assets: readonly string[]
  /** The major version that the folder asks for. */
  readonly nodeVersion?: string
}

/** Anything else. */
export interface OtherBuild {
  readonly language: 'other'
}
