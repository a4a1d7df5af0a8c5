import type { Context } from './context.ts'
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

export interface ArgumentDefinition {
  /** As commander writes it: `<needed>`, `[optional]`, `<several...>`. */
  readonly name: string
  readonly summary: string
  readonly choices?: readonly string[]
}

export interface OptionDefinition {
  /** As commander writes it: `-r, --reason <text>`. */
  readonly flags: string
  readonly summary: string
  readonly choices?: readonly string[]
  /** `whole`: a whole number from 0; `seconds`: a duration such as 90s, 15m, 2h or 7d. */
  readonly kind?: 'whole' | 'seconds'
  /** May be given several times. */
  readonly several?: true
  readonly required?: true
  /** Shown in the help; the command itself applies it. */
  readonly byDefault?: string
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
