import { Command, CommanderError } from 'commander'

import { CATALOG, type CatalogEntry } from './catalog.ts'
import type { ExitCode, Report, Streamed } from './command.ts'
import { addCommand, addGlobalOptions, type Run } from './commander-command.ts'
import type { Context } from './context.ts'
import { reportFailure } from './failure.ts'
import { createOutput } from './output.ts'
import { VERSION } from './version.ts'
import { Interrupted } from './wrong-use.ts'

/** Runs one command line and returns its exit code. */
export async function runProgram(words: readonly string[]): Promise<ExitCode> {
  const interrupt = new AbortController()
  const onInterrupt = () => {
    if (interrupt.signal.aborted) process.exit(130)
    interrupt.abort(new Interrupted())
  }
  process.on('SIGINT', onInterrupt)
  // Whoever reads our output may stop reading (`| head`): that is no failure.
  process.stdout.on('error', endQuietly)
  try {
    return await parseAndRun(words, interrupt.signal)
  } finally {
    process.off('SIGINT', onInterrupt)
  }
}

function endQuietly(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
}

async function parseAndRun(words: readonly string[], signal: AbortSignal): Promise<ExitCode> {
  let exitCode: ExitCode = 0
  const run: Run = async (options, work) => {
    exitCode = await runCommand({ options, work, signal })
  }
  const program = await createProgram(chosenCommand(words), run)
  try {
    await program.parseAsync(words, { from: 'user' })
    return exitCode
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode !== 0 && words.includes('--json')) {
      process.stdout.write(
        `${JSON.stringify({ error: { what: error.message.replace(/^error: /, '') } }, null, 2)}\n`,
      )
    }
    return error.exitCode === 0 ? 0 : 2
  }
}

/** The command's own definition is loaded; the others are names with a summary. */
export async function createProgram(chosen: string | undefined, run: Run): Promise<Command> {
  const program = new Command('sluice')
  program
    .description('One release, from dev to prod: gates, blue/green switches, rollback in a second.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .configureHelp({
      showGlobalOptions: false,
      visibleOptions: command => command.options.filter(o => !o.hidden),
    })
    .addHelpText('after', '\nExit codes: 0 done, 1 not met or failed, 2 wrong use.')
    .enablePositionalOptions()
    .exitOverride()
  addGlobalOptions(program)
  for (const entry of CATALOG) await addEntry(program, entry, { loaded: entry.name === chosen, run })
  return program
}

async function addEntry(
  program: Command,
  entry: CatalogEntry,
  o: { readonly loaded: boolean; readonly run: Run },
): Promise<void> {
  if (o.loaded) addCommand(program, await entry.load(), { run: o.run, hidden: entry.hidden === true })
  else program.command(entry.name, { hidden: entry.hidden === true }).description(entry.summary)
}

/** The first word that is neither an option nor an option's value; after `help`, the one that follows. */
export function chosenCommand(words: readonly string[]): string | undefined {
  const takeValue = new Set(['-f', '--file', '--server'])
  const plain = words.filter((word, index) => !word.startsWith('-') && !takeValue.has(words[index - 1] ?? ''))
  return plain[0] === 'help' ? plain[1] : plain[0]
}

async function runCommand(o: {
  readonly options: Readonly<Record<string, unknown>>
  readonly work: (context: Context) => Promise<Report | Streamed>
  readonly signal: AbortSignal
}): Promise<ExitCode> {
  const context = createContext(o.options, o.signal)
  const { output } = context
  try {
    const result = await o.work(context)
    if ('lines' in result) {
      if (output.json) output.document(result.json)
      for (const line of result.lines) output.line(line)
    }
    return result.exitCode ?? 0
  } catch (error) {
    // Whatever was under way fails in its own way once it is interrupted.
    return reportFailure(o.signal.aborted ? new Interrupted() : error, output)
  }
}

function createContext(options: Readonly<Record<string, unknown>>, signal: AbortSignal): Context {
  const environment = process.env
  const file = textOption(options.file)
  const server = textOption(options.server) ?? environment.SLUICE_SERVER
  return {
    folder: process.cwd(),
    environment,
    output: createOutput({
      json: options.json === true,
      color: options.color !== false,
      streams: process,
      environment,
    }),
    signal,
    ...(file === undefined ? {} : { blueprintFile: file }),
    ...(server === undefined || server === '' ? {} : { server }),
    stdin: process.stdin,
    now: () => Date.now(),
  }
}

function textOption(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
