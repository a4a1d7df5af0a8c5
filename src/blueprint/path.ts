/** Where a value stands in the blueprint: map keys and list positions from the top. */
export type Path = readonly (string | number)[]

const PLAIN_KEY = /^[A-Za-z_][\w-]*$/

/** As people write it: `services.web.files["/etc/app.json"]`, `gate.checks[0]`. */
export function formatPath(path: Path): string {
  return path.reduce<string>(extendPath, '')
}

/** The text of a path that goes one step further. */
export function extendPath(text: string, step: string | number): string {
  if (typeof step === 'number') return `${text}[${step}]`
  if (!PLAIN_KEY.test(step)) return `${text}[${JSON.stringify(step)}]`
  return text === '' ? step : `${text}.${step}`
}

/** The reverse of `formatPath`; undefined for text that is no path. Keys like `/health` need brackets and quotes. */
export function parsePath(text: string): Path | undefined {
  const steps: (string | number)[] = []
  const step = /(?:^|\.)([^.[\]"]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/uy
  while (step.lastIndex < text.length) {
    const match = step.exec(text)
    if (match === null) return undefined
    const [, key, position, quoted] = match
    if (key !== undefined) steps.push(key)
    else if (position !== undefined) steps.push(Number(position))
    else steps.push(unquote(quoted ?? '""'))
  }
  return steps
}

function unquote(text: string): string {
  try {
    return String(JSON.parse(text))
  } catch {
    return text.slice(1, -1)
  }
}

export function startsWith(path: Path, start: Path): boolean {
  return start.length <= path.length && start.every((step, index) => path[index] === step)
}
