import { describe, expect, it } from 'vitest'
import type { MeasureQuery } from '../metric-source.ts'
import { createPrometheusSource } from './prometheus-source.ts'

const UNTIL = Date.UTC(2026, 0, 1, 12)
const signal = new AbortController().signal

const QUERIES = {
  requests: 'requests{color="$color"}[$window]',
  errors: 'errors{color="$color"}[$window]',
  p95: 'p95{color="$color"}[$window]',
  p99: 'p99{color="$color"}[$window]',
}

const asked = (changes: Partial<MeasureQuery> = {}): MeasureQuery => ({
  environment: 'prod',
  service: 'web',
  since: UNTIL - 45_000,
  until: UNTIL,
  queries: QUERIES,
  ...changes,
})

const AT = UNTIL / 1000
const vector = (...values: readonly (readonly [number, string])[]) =>
  Response.json({
    status: 'success',
    data: { resultType: 'vector', result: values.map(value => ({ metric: {}, value })) },
  })
const warning = (text: string) =>
  Response.json({
    status: 'success',
    warnings: [text],
    data: { resultType: 'scalar', result: [AT, '1'] },
  })
const number = (value: number | string) => vector([AT, String(value)])
const scalar = (value: string) =>
  Response.json({ status: 'success', data: { resultType: 'scalar', result: [AT, value] } })

interface Sent {
  readonly request: Request
  readonly form: URLSearchParams
}

/** A source whose server gives these answers, by the first word of the query; 100 requests of which 2 failed else. */
function sourceWith(
  answers: Readonly<Record<string, () => Response | Promise<Response>>> = {},
  more: { readonly url?: string; readonly token?: string; readonly timeoutSeconds?: number } = {},
) {
  const sent: Sent[] = []
  const usual: typeof answers = {
    requests: () => number(100),
    errors: () => number(2),
    p95: () => number('80.5'),
    p99: () => scalar('120'),
  }
  const source = createPrometheusSource({
    url: 'http://prometheus:9090',
    timeoutSeconds: 5,
    ...more,
    async fetch(url, init) {
      const request = new Request(url, init)
      const form = new URLSearchParams(await request.text())
      sent.push({ request, form })
      const [name = ''] = /^\w+/.exec(form.get('query') ?? '') ?? []
      return await ({ ...usual, ...answers }[name] ?? (() => vector()))()
    },
  })
  return { sent, source }
}

describe('what Prometheus measured', () => {
  it('is asked for each color, at the end of the window and over no more than it', async () => {
    const { sent, source } = sourceWith()
    const each = { requests: 100, errors: 2, p95: 80.5, p99: 120 }
    expect(await source.measure(asked(), signal)).toEqual({ blue: each, green: each })
    expect(new Set(sent.map(({ form }) => form.get('query')))).toEqual(
      new Set(
        ['errors', 'p95', 'p99', 'requests'].flatMap(name => [
          `${name}{color="blue"}[45000ms]`,
          `${name}{color="green"}[45000ms]`,
        ]),
      ),
    )
    expect(
      new Set(sent.map(({ request, form }) => `${request.method} ${request.url} ${form.get('time')}`)),
    ).toEqual(new Set([`POST http://prometheus:9090/api/v1/query ${AT}`]))
  })

  it('is asked below the path of the address', async () => {
    const { sent, source } = sourceWith({}, { url: 'https://metrics.example.com/prometheus/' })
    await source.measure(asked(), signal)
    expect(sent[0]?.request.url).toBe('https://metrics.example.com/prometheus/api/v1/query')
  })

  it('fills in names so that none of them ends its literal', async () => {
    const { sent, source } = sourceWith()
    const requests = 'requests{a="$environment",b=\'$service\',c="$color"}[$window]'
    await source.measure(asked({ environment: 'a"b', service: 'ü\\', queries: { requests } }), signal)
    expect(sent[0]?.form.get('query')).toBe('requests{a="a\\x22b",b=\'\\xc3\\xbc\\x5c\',c="blue"}[45000ms]')
  })

  it('is whole requests, of which there are parts where an interval was drawn out', async () => {
    const { source } = sourceWith({ requests: () => number(99.6), errors: () => number(1.3) })
    expect((await source.measure(asked(), signal)).green).toMatchObject({ requests: 100, errors: 1 })
  })

  it('is no requests and no errors where both were counted as zero', async () => {
    const { source } = sourceWith({ requests: () => number(0), errors: () => number(0) })
    expect((await source.measure(asked(), signal)).green).toMatchObject({ requests: 0, errors: 0 })
  })

  it('has no percentile where there is none, and is told all the same', async () => {
    const { source } = sourceWith({ p95: () => number('NaN'), p99: () => vector() })
    const measured = await source.measure(asked(), signal)
    expect(measured).toEqual({ blue: { requests: 100, errors: 2 }, green: { requests: 100, errors: 2 } })
  })
})

const unclear: readonly (readonly [
  what: string,
  answer: () => Response | Promise<Response>,
  reason: string,
])[] = [
  ['an empty vector', () => vector(), 'no series'],
  ['several series', () => vector([AT, '1'], [AT, '2']), 'several series; sum them up'],
  ['no number', () => number('NaN'), 'the value is NaN'],
  ['an infinite number', () => number('+Inf'), 'the value is +Inf'],
  ['a negative number', () => number('-1'), 'the value is -1'],
  ['a scalar that is no number', () => scalar('NaN'), 'the value is NaN'],
  ['an old sample', () => vector([AT - 46, '1']), 'the sample is from 2026-01-01T11:59:14.000Z'],
  ['a sample of tomorrow', () => vector([AT + 86_400, '1']), 'the sample is from the future'],
  [
    'a matrix',
    () => Response.json({ status: 'success', data: { resultType: 'matrix', result: [] } }),
    'the query gives a matrix, not one number',
  ],
  [
    'a histogram',
    () =>
      Response.json({
        status: 'success',
        data: { resultType: 'vector', result: [{ metric: {}, histogram: [AT, {}] }] },
      }),
    'the query gives a histogram, not one number',
  ],
  ['a warning', () => warning('store a is away'), 'Prometheus warns: store a is away'],
  [
    'a refusal',
    () => Response.json({ status: 'error', errorType: 'bad_data', error: 'parse error' }, { status: 400 }),
    'Prometheus says: parse error',
  ],
  ['another server', () => new Response('<html>', { status: 502 }), 'Prometheus answered 502'],
  ['a way elsewhere', () => new Response(null, { status: 302 }), 'Prometheus answered 302'],
  ['a page', () => new Response('<html>'), 'the answer is not one of Prometheus'],
  ['an answer without end', () => new Response(endless()), 'the answer is larger than 256 KiB'],
  [
    'nobody',
    () =>
      Promise.reject(
        new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) }),
      ),
    'Prometheus at http://prometheus:9090 cannot be reached: ECONNREFUSED',
  ],
]

const endless = () =>
  new ReadableStream<Uint8Array>({
    pull: controller => controller.enqueue(new Uint8Array(64 * 1024)),
  })

describe('no measurement', () => {
  it.each(unclear)('is what %s gives for the requests', async (_what, answer, reason) => {
    const { source } = sourceWith({ requests: answer })
    const missing = `requests: ${reason}`
    expect(await source.measure(asked(), signal)).toEqual({ missing: { blue: missing, green: missing } })
  })

  it.each(unclear)('is what %s gives for the errors: it is not none', async (_what, answer, reason) => {
    const { source } = sourceWith({ errors: answer })
    const missing = `errors: ${reason}`
    expect(await source.measure(asked(), signal)).toEqual({ missing: { blue: missing, green: missing } })
  })

  it('is what a service without queries has', async () => {
    const { sent, source } = sourceWith()
    const { queries: _, ...without } = asked()
    const missing = 'requests: the service has no query'
    expect(await source.measure(without, signal)).toEqual({ missing: { blue: missing, green: missing } })
    const only = await source.measure(asked({ queries: { requests: QUERIES.requests } }), signal)
    expect(only.missing?.green).toBe('errors: the service has no query')
    expect(only.green).toBeUndefined()
    expect(sent.length).toBe(2)
  })

  it('is what a query gives that reaches before the window, and nobody is asked it', async () => {
    const { sent, source } = sourceWith()
    const queries = {
      requests: 'sum(increase(requests{color="$color"}[5m]))',
      errors: 'recorded:errors{color="$color"}',
    }
    const { missing, green } = await source.measure(asked({ queries }), signal)
    expect(missing?.green).toBe('requests: the query looks back [5m], whenever the step began')
    expect([green, sent.length]).toEqual([undefined, 0])
  })

  it('is what a step has that has only begun', async () => {
    const { sent, source } = sourceWith()
    const { missing } = await source.measure(asked({ since: UNTIL }), signal)
    expect([missing?.blue, sent.length]).toEqual(['requests: the step has only begun', 0])
  })

  it('is what queries give that do not agree', async () => {
    const { source } = sourceWith({ requests: () => number(10), errors: () => number(12) })
    const { missing } = await source.measure(asked(), signal)
    expect(missing?.green).toBe('12 errors of 10 requests: the queries do not agree')
  })

  it('is what a server gives that does not answer in time', async () => {
    const { source } = sourceWith(
      { requests: () => Promise.reject(new DOMException('late', 'TimeoutError')) },
      { timeoutSeconds: 7 },
    )
    const { missing } = await source.measure(asked(), signal)
    expect(missing?.green).toBe('requests: Prometheus at http://prometheus:9090 did not answer within 7 s')
  })

  it('leaves the other color its own', async () => {
    let count = 0
    const { source } = sourceWith({ requests: () => ((count += 1) === 1 ? vector() : number(50)) })
    const measured = await source.measure(asked(), signal)
    expect(measured).toEqual({
      green: { requests: 50, errors: 2, p95: 80.5, p99: 120 },
      missing: { blue: 'requests: no series' },
    })
  })
})

it('takes a note on the style of a query for no warning', async () => {
  const { source } = sourceWith({
    errors: () => number(0),
    requests: () => warning('PromQL info: metric might not be a counter'),
  })
  expect((await source.measure(asked(), signal)).green?.requests).toBe(1)
})

it('ends with whoever asked', async () => {
  const { source } = sourceWith({ requests: () => Promise.reject(new Error('aborted')) })
  await expect(source.measure(asked(), AbortSignal.abort(new Error('going down')))).rejects.toThrow(
    'going down',
  )
})

it('shows its token to the server, follows it nowhere else and never tells it', async () => {
  const token = 'very-secret'
  const { sent, source } = sourceWith({ requests: () => Promise.reject(new Error(token)) }, { token })
  const measured = await source.measure(asked(), signal)
  expect(sent[0]?.request.headers.get('authorization')).toBe(`Bearer ${token}`)
  expect(sent.every(({ request }) => request.redirect === 'manual')).toBe(true)
  expect(JSON.stringify(measured)).not.toContain(token)
})
