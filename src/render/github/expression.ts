/**
 * Text of the blueprint as itself: GitHub works out `${{ … }}` in any value of a workflow, so what would begin an
 * expression becomes one that gives these signs.
 */
export function withoutExpressions(text: string): string {
  return text.replaceAll('${{', "${{ '${{' }}")
}
