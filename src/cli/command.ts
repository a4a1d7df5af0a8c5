import type { Context } from './context.ts'
import type { ArgumentDefinition, OptionDefinition } from './definition.ts'
import type { Input } from './input.ts'

/** 0 done, 1 not met or failed, 2 wrong use, 130 interrupted by Ctrl-C (as shells count it). */
export type ExitCode = 0 | 1 | 2 | 130

/** What a command has to say at its end: one JSON document, or lines for people. */
export interface Report {
  readonly json: unknown
  readonly lines: readonly string[]
  readonly exitCode?: ExitCode
}

/** Commands that stream have written everything already. */
export interface Streamed {
  readonly exitCode: ExitCode
}

interface Named {
  readonly name: string
  readonly summary: string
  /** Whole command lines with a short explanation after ` # `. */
  readonly examples: readonly string[]
}

export interface LeafCommand extends Named {
  readonly arguments?: readonly ArgumentDefinition[]
  readonly options?: readonly OptionDefinition[]
  run(context: Context, input: Input): Promise<Report | Streamed>
}

export interface CommandGroup extends Named {
  readonly commands: readonly LeafCommand[]
}

export type CommandDefinition = LeafCommand | CommandGroup
