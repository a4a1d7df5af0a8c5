import { createServer } from 'node:http'

export interface Answer {
  readonly status: number
  readonly type: 'application/json' | 'text/html; charset=utf-8'
  readonly body: string
}

const { PORT = '3000', HOST = '127.0.0.1', DRAIN_SECONDS = '1' } = process.env

export const json = (status: number, content: object): Answer => ({
  status,
  type: 'application/json',
  body: JSON.stringify(content),
})

/** Serves until SIGTERM; then not ready first, while balancers look elsewhere, and out with the last answer. */
export function serve(answer: (path: string) => Promise<Answer>): void {
  let draining = false
  const answered = async (path: string): Promise<Answer> => {
    if (path === '/health') return json(200, { status: 'ok' })
    if (path === '/ready') return json(draining ? 503 : 200, { status: draining ? 'draining' : 'ok' })
    return await answer(path).catch(error => json(500, { error: String(error) }))
  }
  const server = createServer((request, response) => {
    void answered(request.url?.split('?')[0] ?? '/').then(({ status, type, body }) => {
      response.writeHead(status, { 'content-type': type, ...(draining ? { connection: 'close' } : {}) })
      response.end(body)
    })
  })
  server.listen(Number(PORT), HOST, () => console.log(JSON.stringify({ message: 'listening', port: PORT })))
  process.once('SIGTERM', () => {
    draining = true
    setTimeout(() => server.close(), Number(DRAIN_SECONDS) * 1000)
  })
}
