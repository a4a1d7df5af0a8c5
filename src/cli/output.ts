import { LiveRegion } from './terminal/live-region.ts'
import type { Style } from './terminal/style.ts'
import { createStyle } from './terminal/style.ts'

/** Where a command writes: results on stdout, what happens meanwhile on stderr. */
export interface Output {
  readonly json: boolean
  readonly style: Style
  readonly colored: boolean
  /** Of the terminal; 80 elsewhere. */
  readonly columns: number
  /** Somebody sits there: pictures may be redrawn and questions asked. */
  readonly interactive: boolean
  /** One line of the result; nothing with --json. */
  line(text: string): void
  /** One line about what happens; nothing with --json. */
  note(text: string): void
  /** The only document of a command with --json. */
  document(value: unknown): void
  /** One line of a stream with --json. */
  record(value: unknown): void
  /** What the bottom of the terminal shows until the next call; nothing elsewhere. */
  picture(lines: readonly string[]): void
}

export interface Streams {
  readonly stdin: { readonly isTTY?: boolean }
  readonly stdout: NodeJS.WritableStream & {
    readonly isTTY?: boolean
    readonly columns?: number
    readonly rows?: number
  }
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean }
}

export function createOutput(o: {
  readonly json: boolean
  readonly color: boolean
  readonly streams: Streams
  readonly environment: NodeJS.ProcessEnv
}): Output {
  const { stdin, stdout, stderr } = o.streams
  const terminal = stdout.isTTY === true && o.environment.TERM !== 'dumb'
  const live = terminal && stderr.isTTY === true && !o.json
  const region = new LiveRegion(stderr)
  const write = (stream: NodeJS.WritableStream, text: string) => {
    region.around(live, () => stream.write(text))
  }
  const colored = o.color && wantsColor(terminal, o.environment) && !o.json
  return {
    json: o.json,
    colored,
    style: createStyle(colored),
    columns: terminal ? sizeOf(stdout).columns : 80,
    interactive: live && stdin.isTTY === true,
    line: text => o.json || write(stdout, `${text}\n`),
    note: text => o.json || write(stderr, `${text}\n`),
    document: value => write(stdout, `${safeJson(value, 2)}\n`),
    record: value => write(stdout, `${safeJson(value)}\n`),
    picture: lines => live && region.show(lines, sizeOf(stdout)),
  }
}

/** As it is now; some pseudo-terminals say 0. */
function sizeOf({ columns = 0, rows = 0 }: Streams['stdout']): {
  readonly columns: number
  readonly rows: number
} {
  return { columns: columns === 0 ? 80 : columns, rows: rows === 0 ? 24 : rows }
}

/** https://no-color.org: any value but the empty one; FORCE_COLOR is for logs that show colors. */
function wantsColor(terminal: boolean, environment: NodeJS.ProcessEnv): boolean {
  if (environment.NO_COLOR !== undefined && environment.NO_COLOR !== '') return false
  if (environment.FORCE_COLOR !== undefined) return environment.FORCE_COLOR !== '0'
  return terminal
}

/** JSON leaves C1 controls and bidirectional controls as they are, which a terminal would obey. */
function safeJson(value: unknown, indentation?: number): string {
  return JSON.stringify(value ?? null, null, indentation).replaceAll(
    /[\u007f-\u009f]|\p{Bidi_Control}/gu,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
