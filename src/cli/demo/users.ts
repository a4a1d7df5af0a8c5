import type { Output } from '../output.ts'
import { type Load, startLoad } from './load.ts'
import type { Door } from './venue.ts'

const CONNECTIONS = 16
const REQUESTS_PER_SECOND = 150
const FAILURES_TOLD = 20
const VISITS = [
  { path: '/' },
  { path: '/products/1' },
  { method: 'POST', path: '/orders', body: 'productId=1&quantity=1' },
]

/** People who look around and order, from now on until the signal. */
export function startUsers(output: Output, door: Door, signal: AbortSignal): Load {
  let told = 0
  return startLoad({
    ...door,
    paths: VISITS,
    connections: CONNECTIONS,
    requestsPerSecond: REQUESTS_PER_SECOND,
    signal,
    onFailure: ({ method, path, reason, excused }) => {
      if (excused || signal.aborted) return
      told += 1
      if (told <= FAILURES_TOLD) output.note(`  FAILED ${method} ${path}: ${reason}`)
      if (told === FAILURES_TOLD) output.note('  Further failures are counted, and told at the end.')
    },
  })
}
