import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import type { Api } from '../typed.ts'
import { sendProblem } from './error-handler.ts'
import { problemOf } from './problem.ts'

interface KnownRoute {
  readonly methods: readonly string[]
  readonly pattern: RegExp
}

/**
 * Answers addresses without a route by 404, and known addresses with another method by 405 and `Allow`: before a body is
 * read that nobody wants.
 */
export function answerUnmatched(api: Api): void {
  const known: KnownRoute[] = []
  api.addHook('onRoute', route => {
    known.push({ methods: [route.method].flat(), pattern: patternOf(route) })
  })
  api.addHook('onRequest', (request, reply, done) => {
    if (request.is404) answer(known, request, reply)
    else done()
  })
  // Never gets a request; fastify wants one.
  api.setNotFoundHandler((request, reply) => answer(known, request, reply))
}

function answer(known: readonly KnownRoute[], request: FastifyRequest, reply: FastifyReply): void {
  const path = request.url.split('?', 1)[0] ?? ''
  const allowed = known.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods)
  if (allowed.length === 0) {
    const detail = 'there is nothing at this address'
    const remedy = 'see /api/openapi.json for what there is'
    sendProblem(reply, { ...problemOf('not-found', { detail, remedy }), requestId: request.id })
    return
  }
  const list = [...new Set(allowed)].toSorted().join(', ')
  reply.header('allow', list)
  const detail = `this address does not take ${request.method}`
  const problem = problemOf('method-not-allowed', { detail, remedy: `use ${list}` })
  sendProblem(reply, { ...problem, requestId: request.id })
}

function patternOf(route: RouteOptions): RegExp {
  const segments = route.url
    .split('/')
    .map(one => (one.startsWith(':') ? '[^/]+' : one.replaceAll('.', '\\.')))
  return new RegExp(`^${segments.join('/')}$`)
}
