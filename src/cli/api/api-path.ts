/** A path below /api/v1 whose inserted parts are encoded: ``apiPath`/releases/${reference}` ``. */
export function apiPath(texts: TemplateStringsArray, ...parts: readonly (string | number)[]): string {
  return texts.reduce((path, text, index) => path + encodeURIComponent(String(parts[index - 1] ?? '')) + text)
}

/** Query parameters that have a value, with the question mark; empty when none has. */
export function query(parameters: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const given = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  )
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`
}
