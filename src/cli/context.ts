import type { Output } from './output.ts'

/** What every command gets: where it runs, whom it talks to, and when to stop. */
export interface Context {
  /** The folder that the person stands in. */
  readonly folder: string
  readonly environment: NodeJS.ProcessEnv
  readonly output: Output
  /** Aborted by the first Ctrl-C; the second ends the process. */
  readonly signal: AbortSignal
  /** `--file`, as typed. */
  readonly blueprintFile?: string
  /** `--server` or SLUICE_SERVER. */
  readonly server?: string
  readonly stdin: NodeJS.ReadStream
  now(): number
}
