import type { ArgumentDefinition, OptionDefinition } from './definition.ts'

/** What a person typed, read by the names that the command declared; asking for an undeclared name is a bug. */
export class Input {
  readonly #arguments: ReadonlyMap<string, unknown>
  readonly #options: ReadonlyMap<string, unknown>

  constructor(
    definition: {
      readonly arguments?: readonly ArgumentDefinition[]
      readonly options?: readonly OptionDefinition[]
    },
    typed: { readonly arguments: readonly unknown[]; readonly options: object },
  ) {
    const names = (definition.arguments ?? []).map(({ name }) => name.replaceAll(/[<>[\].]/g, ''))
    this.#arguments = new Map(names.map((name, index) => [name, typed.arguments[index]]))
    const given = new Map<string, unknown>(Object.entries(typed.options))
    const declared = (definition.options ?? []).map(({ flags }) => optionKey(flags))
    this.#options = new Map(declared.map(key => [key, given.get(key)]))
  }

  argument(name: string): string {
    const value = this.optionalArgument(name)
    if (value === undefined) throw new Error(`argument ${name} is missing though it is required`)
    return value
  }

  optionalArgument(name: string): string | undefined {
    return textOf(read(this.#arguments, name), name)
  }

  text(option: string): string | undefined {
    return textOf(read(this.#options, option), option)
  }

  flag(option: string): boolean {
    return read(this.#options, option) === true
  }

  number(option: string): number | undefined {
    const value = read(this.#options, option)
    if (value === undefined || typeof value === 'number') return value
    throw new Error(`--${option} is not a number`)
  }

  several(option: string): readonly string[] {
    const value = read(this.#options, option) ?? []
    if (!Array.isArray(value)) throw new Error(`--${option} is not a list`)
    return value.map(String)
  }
}

/** `--break-glass` is kept as `breakGlass`; `--no-open` as `open`. */
export function optionKey(flags: string): string {
  const long = /--(?:no-)?([a-z-]+)/.exec(flags)?.[1]
  if (long === undefined) throw new Error(`the option ${flags} has no long form`)
  return long.replaceAll(/-([a-z])/g, (_match, letter: string) => letter.toUpperCase())
}

function read(values: ReadonlyMap<string, unknown>, name: string): unknown {
  if (!values.has(name)) throw new Error(`${name} was not declared`)
  return values.get(name)
}

function textOf(value: unknown, name: string): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  throw new Error(`${name} is not a text`)
}
