/** What the folder of a service shows of how it is built. */
export type BuildFacts = NodeBuild | { readonly language: 'other' }

export interface NodeBuild {
  readonly language: 'node'
  readonly packageManager: 'npm' | 'pnpm' | 'yarn'
}
