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
