import pico from 'picocolors'

/** Colors that mean something; without color every one of them returns the text as it is. */
export interface Style {
  good(text: string): string
  bad(text: string): string
  warn(text: string): string
  faint(text: string): string
  strong(text: string): string
  blue(text: string): string
  green(text: string): string
}

export function createStyle(colored: boolean): Style {
  const colors = pico.createColors(colored)
  return {
    good: colors.green,
    bad: colors.red,
    warn: colors.yellow,
    faint: colors.dim,
    strong: colors.bold,
    blue: colors.blue,
    green: colors.green,
  }
}

export const PLAIN: Style = createStyle(false)
