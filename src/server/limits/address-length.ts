import { Refused } from '../problems/problem.ts'
import type { Api } from '../typed.ts'

/** Refuses long addresses by a problem of their own; the header limit would only say that something is too long. */
export function limitAddress(api: Api, characters: number): void {
  api.addHook('onRequest', (request, _reply, done) => {
    if (request.url.length <= characters) return done()
    throw new Refused('address-too-long', {
      detail: `the address has more than ${characters} characters`,
      remedy: 'send what is long in a body',
    })
  })
}
