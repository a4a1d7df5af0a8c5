import type { RouteOptions } from 'fastify'
import type { Api } from '../typed.ts'
import { sendProblem } from './error-handler.ts'
import { problemOf } from './problem.ts'

interface KnownRoute {
  readonly methods: readonly string[]
  readonly pattern: RegExp
}

/** Answers addresses without a route by 404, and known addresses with another method by 405 and `Allow`. */
export function answerUnmatched(api: Api): void {
  const known: KnownRoute[] = []
  api.addHook('onRoute', route => {
    known.push({ methods: [route.method].flat(), pattern: patternOf(route) })
  })
  api.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? ''
    const allowed = known.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods)
    if (allowed.length === 0) {
      const detail = 'there is nothing at this address'
      const remedy = 'see /api/openapi.json for what there is'
      return sendProblem(reply, { ...problemOf('not-found', { detail, remedy }), requestId: request.id })
    }
    const list = [...new Set(allowed)].toSorted().join(', ')
    reply.header('allow', list)
    const detail = `this address does not take ${request.method}`
    const problem = problemOf('method-not-allowed', { detail, remedy: `use ${list}` })
    sendProblem(reply, { ...problem, requestId: request.id })
  })
}

function patternOf(route: RouteOptions): RegExp {
  const segments = route.url
    .split('/')
    .map(one => (one.startsWith(':') ? '[^/]+' : one.replaceAll('.', '\\.')))
  return new RegExp(`^${segments.join('/')}$`)
}
