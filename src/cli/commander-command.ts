import { Argument, type Command, InvalidArgumentError, Option } from 'commander'
import type { CommandDefinition, LeafCommand, Report, Streamed } from './command.ts'
import type { Context } from './context.ts'
import type { ArgumentDefinition, OptionDefinition } from './definition.ts'
import { parseDuration } from './duration.ts'
import { Input, optionKey } from './input.ts'

/** Runs a command's work with what its global options ask for. */
export type Run = (
  options: Readonly<Record<string, unknown>>,
  work: (context: Context) => Promise<Report | Streamed>,
) => Promise<void>

/** Adds a command, or a group with its commands, to a commander program. */
export function addCommand(
  parent: Command,
  definition: CommandDefinition,
  o: { readonly run: Run; readonly hidden?: boolean },
): void {
  const command = parent
    .command(definition.name, { hidden: o.hidden === true })
    .description(definition.summary)
  command
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', () => examplesText(definition.examples))
  if ('commands' in definition) {
    command.helpCommand(false).enablePositionalOptions()
    for (const inner of definition.commands) addCommand(command, inner, o)
  } else addLeaf(command, definition, o.run)
  addGlobalOptions(command, 'options' in definition ? definition.options : [])
}

/** What every command takes, before or after its name. */
export function addGlobalOptions(command: Command, own: readonly OptionDefinition[] = []): void {
  command
    .addOption(
      new Option(blueprintFlags(own), 'the blueprint (default: sluice.yaml here or in a folder above)'),
    )
    .addOption(
      new Option(
        '--server <url>',
        'the server to talk to (or SLUICE_SERVER; default: the one of this folder)',
      ),
    )
    .addOption(new Option('--json', 'print JSON for programs'))
    .addOption(new Option('--no-color', 'print without colors (or NO_COLOR)').default(undefined))
}

function blueprintFlags(own: readonly OptionDefinition[]): string {
  // `logs -f` follows, as `tail -f` does.
  if (own.some(({ flags }) => flags.startsWith('-f,'))) return '--file <path>'
  // `explain --file` is about a file that was rendered.
  return own.some(({ flags }) => flags.startsWith('--file ')) ? '-f, --blueprint <path>' : '-f, --file <path>'
}

function addLeaf(command: Command, definition: LeafCommand, run: Run): void {
  for (const argument of definition.arguments ?? []) command.addArgument(toArgument(argument))
  for (const option of definition.options ?? []) command.addOption(toOption(option))
  command.action(async () => {
    const typed = { arguments: command.processedArgs, options: command.opts() }
    const input = new Input(definition, typed)
    await run(globalOptions(command, definition.options), context => definition.run(context, input))
  })
}

/** The option nearest to the command wins; what the command declared itself is none of them. */
function globalOptions(
  command: Command,
  own: readonly OptionDefinition[] = [],
): Readonly<Record<string, unknown>> {
  const above = command.parent === null ? {} : globalOptions(command.parent)
  const declared = new Set(own.map(({ flags }) => optionKey(flags)))
  const given = Object.entries<unknown>(command.opts())
    .filter(([key, value]) => value !== undefined && !declared.has(key))
    .map(([key, value]) => [key === 'blueprint' ? 'file' : key, value])
  return { ...above, ...Object.fromEntries(given) }
}

function toArgument({ name, summary, choices }: ArgumentDefinition): Argument {
  const argument = new Argument(name, summary)
  return choices === undefined ? argument : argument.choices(choices)
}

function toOption(definition: OptionDefinition): Option {
  const shown = definition.byDefault === undefined ? '' : ` (default: ${definition.byDefault})`
  const option = new Option(definition.flags, definition.summary + shown)
  if (definition.choices !== undefined) option.choices(definition.choices)
  if (definition.kind === 'whole') option.argParser(wholeNumber)
  if (definition.kind === 'seconds') option.argParser(seconds)
  if (definition.several === true)
    option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value])
  if (definition.required === true) option.makeOptionMandatory()
  return option
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Write a whole number.')
  return Number(text)
}

function seconds(text: string): number {
  const duration = parseDuration(text)
  if (duration === undefined) throw new InvalidArgumentError('Write a duration such as 90s, 15m, 2h or 7d.')
  return duration
}

const EXAMPLE_COLUMNS = 78

/** Explanations stand beside the command lines where there is room, else below them. */
function examplesText(examples: readonly string[]): string {
  const pairs = examples.map(example => example.split(' # '))
  const width = Math.max(...pairs.map(([line = '']) => line.length))
  const fits = pairs.every(([, why = '']) => width + why.length + 4 <= EXAMPLE_COLUMNS)
  const lines = pairs.flatMap(([line = '', why]) => {
    if (why === undefined) return [`  ${line}`]
    return fits ? [`  ${line.padEnd(width)}  ${why}`] : [`  ${line}`, `      ${why}`]
  })
  return `\nExamples:\n${lines.join('\n')}`
}
