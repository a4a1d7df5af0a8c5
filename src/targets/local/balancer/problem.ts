import { STATUS_CODES } from 'node:http'

/** What the balancer answers itself. `detail` says what happened and never names an address, a path or an error code. */
export interface Problem {
  readonly status: 400 | 404 | 405 | 408 | 417 | 431 | 502 | 503 | 504 | 505
  readonly detail: string
}

export const PROBLEM_TYPE = 'application/problem+json'

/** RFC 9457, with `via` so that a reader knows that it was not the application that spoke. */
export function problemBody(problem: Problem): string {
  return JSON.stringify({
    type: 'about:blank',
    title: STATUS_CODES[problem.status],
    status: problem.status,
    detail: problem.detail,
    via: 'sluice balancer',
  })
}

/** A whole response for a connection that has no response object, because its request could not be read. */
export function rawProblem(problem: Problem): string {
  const body = problemBody(problem)
  return (
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\ncontent-type: ${PROBLEM_TYPE}\r\n` +
    `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`
  )
}
