import type { Verifier } from '../engine/ports.ts'
import type { Verification } from '../model/service-spec.ts'
import type { PreviewEndpoint } from '../targets/target.ts'
import { checkCommand } from './command-expectation.ts'
import { checkHttp } from './http-expectation.ts'

/** Verifies previews over HTTP and by commands that run in `folder`, the project's, with `path` as their PATH. */
export function createVerifier(place: { readonly folder: string; readonly path: string }): Verifier {
  return {
    async verify(expectations, endpoint, signal) {
      const found = await Promise.all(expectations.map(one => check(one, endpoint, signal)))
      const problems = found.flat()
      return { passed: problems.length === 0, problems }
    },
  }

  function check(
    expected: Verification,
    endpoint: PreviewEndpoint,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    switch (expected.kind) {
      case 'http':
        return checkHttp(expected, endpoint, signal)
      case 'command':
        return checkCommand(expected, { endpoint, ...place }, signal)
      default:
        return expected satisfies never
    }
  }
}
