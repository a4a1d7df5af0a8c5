import type { Style } from '../terminal/style.ts'
import type { DemoProject } from './project.ts'

/** Where users reach prod. */
export interface Door {
  /** Scheme, host and port. */
  readonly origin: string
  /** The name that they ask for, where it is not the origin's. */
  readonly host?: string
}

/** Where the demo plays. It is the demo's own, and is gone when the demo is. */
export interface Venue {
  readonly project: DemoProject
  /** Images of the sources as they are now, by service; none where the folders themselves are released. */
  images(version: string): Promise<Readonly<Record<string, string>>>
  /** Called once prod serves; `local` is what the server knows of it. */
  door(local: string | undefined): Promise<Door>
  /** Removes what was made, without hurry; called after the server has ended. */
  close(): Promise<void>
}

/** What people and programs can do with a door. */
export const doorText = ({ origin, host }: Door, style: Style): string =>
  host === undefined ? origin : `${origin} ${style.faint(`(curl --header 'Host: ${host}' ${origin})`)}`
