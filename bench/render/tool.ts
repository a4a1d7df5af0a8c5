import type { Fleet } from './fleet.ts'

/** Something that writes the objects of a fleet. */
export interface Tool {
  readonly name: string
  /** More would take minutes. */
  readonly mostServices: number
  /** Writes what the tool reads about the fleet. */
  readonly prepare: (fleet: Fleet, folder: string) => Promise<void>
  /** Processes that write the objects of all environments, one after the other; `out` exists and is empty. */
  readonly commands: (task: Task) => readonly Command[]
}

export interface Task {
  /** That was prepared. */
  readonly folder: string
  readonly out: string
  readonly services: number
}

export interface Command {
  readonly program: string
  readonly words: readonly string[]
  readonly folder: string
  /** Where its output goes; without one it writes files itself. */
  readonly outputFile?: string
}

/** A tool, or what to run so that there is one. */
export type FoundTool = Tool | { readonly name: string; readonly install: string }
