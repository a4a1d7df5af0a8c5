/** Shorter values would blot out ordinary words. */
const SHORTEST = 6

/** Takes secret values out of what an instance prints, since its lines end up in log files and reports. */
export function redactor(secrets: Readonly<Record<string, string>>): (text: string) => string {
  // Longest first: one value may begin with another.
  const values = Object.values(secrets)
    .flatMap(value => [value, ...value.split(/\r?\n/)])
    .filter(value => value.length >= SHORTEST)
    .toSorted((a, b) => b.length - a.length)
  if (values.length === 0) return text => text
  return text => values.reduce((clean, value) => clean.replaceAll(value, '•••'), text)
}
