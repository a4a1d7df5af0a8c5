import { evaluate } from '@marcbachmann/cel-js'

/** Evaluates one CEL expression of a gate. Anything but `true` is not met: a missing value, an error, a number. */
export function evaluateExpression(
  expression: string,
  facts: Readonly<Record<string, unknown>>,
): { readonly met: boolean; readonly reason: string } {
  try {
    const result: unknown = evaluate(expression, { ...facts })
    if (result === true) return { met: true, reason: 'is true' }
    return { met: false, reason: result === false ? 'is false' : `gives ${typeof result}, not true` }
  } catch (error) {
    const first = (error instanceof Error ? error.message : String(error)).split('\n')[0]
    return { met: false, reason: `cannot be evaluated: ${first}` }
  }
}
