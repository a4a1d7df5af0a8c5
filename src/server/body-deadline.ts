import { sendProblem } from './problems/error-handler.ts'
import { Refused } from './problems/problem.ts'
import type { Api } from './typed.ts'

const TIMEOUT = new Refused('timeout', {
  detail: 'the body did not arrive in time',
  remedy: 'send it again over a faster connection',
}).problem

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The body may take as long as the connection is not silent. */
    longBody?: boolean
  }
}

/** Ends requests whose body comes drop by drop, which no idle timeout would notice. */
export function limitBodyTime(api: Api, milliseconds: number): void {
  const timers = new WeakMap<object, NodeJS.Timeout>()
  api.addHook('preParsing', (request, reply, _payload, done) => {
    const { headers } = request
    const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined
    if (hasBody && request.routeOptions.config.longBody !== true) {
      const late = () => sendProblem(reply, { ...TIMEOUT, requestId: request.id })
      timers.set(request, setTimeout(late, milliseconds))
    }
    done()
  })
  const clear = (request: object) => clearTimeout(timers.get(request))
  api.addHook('preValidation', (request, _reply, done) => {
    clear(request)
    done()
  })
  api.addHook('onResponse', (request, _reply, done) => {
    clear(request)
    done()
  })
  api.addHook('onRequestAbort', (request, done) => {
    clear(request)
    done()
  })
}
