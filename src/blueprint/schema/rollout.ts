import { z } from 'zod'
import * as value from './values.ts'

const step = z
  .union([
    value.percent,
    z.strictObject({
      percent: value.percent.meta({
        description: 'Share of the users that the new color has in this step.',
        examples: [20],
      }),
      bake: value.duration
        .meta({ description: 'How long the step is watched; `rollout.bake` without it.', examples: ['5m'] })
        .optional(),
    }),
  ])
  .transform(given => (typeof given === 'number' ? { percent: given } : given))
  .meta({ examples: [20, { percent: 20, bake: '5m' }] })

const headers = z.record(
  z
    .string()
    .regex(/^[A-Za-z0-9-]+$/)
    .max(100),
  z.string().max(4000),
)

const httpExpectation = z.strictObject({
  path: value.urlPath.meta({ description: 'What is asked for.', examples: ['/products'] }),
  method: z
    .enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
    .meta({ title: 'a method', description: 'Method of the request.', default: 'GET', examples: ['GET'] })
    .optional(),
  headers: headers
    .meta({
      title: 'a map of headers',
      description: 'Headers of the request.',
      examples: [{ accept: 'application/json' }],
    })
    .optional(),
  status: z
    .int()
    .min(100)
    .max(599)
    .meta({ title: 'a status', description: 'Status of the answer.', default: 200, examples: [200] })
    .optional(),
  expectHeaders: headers
    .meta({
      title: 'a map of headers',
      description: 'Headers that the answer must have.',
      examples: [{ 'content-type': 'application/json' }],
    })
    .optional(),
  bodyContains: value.text
    .meta({ description: 'Text that the body must contain.', examples: ['"name"'] })
    .optional(),
  maxMilliseconds: value.milliseconds.meta({ description: 'Longest time to the whole answer.' }).optional(),
})

const commandExpectation = z.strictObject({
  command: value.commandLine.meta({
    description: 'Must end with 0; it finds the preview in the variable PREVIEW_URL.',
    examples: ['npm run smoke'],
  }),
  timeout: value.positiveDuration
    .meta({ description: 'Longest time.', default: '5m', examples: ['1m'] })
    .optional(),
})

const expectation = z
  .union([value.urlPath, httpExpectation, commandExpectation])
  .transform(given => (typeof given === 'string' ? { path: given } : given))
  .meta({ title: 'a path, an HTTP expectation or a command', examples: ['/health'] })

const verify = z
  .union([expectation, z.array(expectation).max(100)])
  .transform(given => (Array.isArray(given) ? given : [given]))

const comparison = value.part({
  maxErrorRateIncrease: value.share
    .meta({ description: 'Added share of failing requests.', examples: [0.02] })
    .optional(),
  maxP95Ratio: z
    .number()
    .min(1)
    .max(1000)
    .meta({ title: 'a factor', description: 'Factor on the 95th percentile of latency.', examples: [2] })
    .optional(),
})

const REQUESTS = 'sum(increase(http_requests_total{service="$service",color="$color"}[$window]))'
const ERRORS = `${REQUESTS.replace('"}', '",code=~"5.."}')} or vector(0)`
const BUCKETS = 'rate(http_request_duration_seconds_bucket{service="$service",color="$color"}[$window])'
const percentile = (share: number): string => `1000 * histogram_quantile(${share}, sum by (le) (${BUCKETS}))`

const query = value.text.max(4000).meta({ title: 'a PromQL query' })

const analysis = z.strictObject({
  window: value.positiveDuration
    .meta({ description: 'How much of the past is measured, never before the step.', examples: ['60s'] })
    .optional(),
  minimumRequests: z
    .int()
    .min(0)
    .meta({
      title: 'a whole number',
      description:
        'Fewer requests are no data, and no data is not health. 0 lets a service without traffic pass.',
      examples: [20],
    })
    .optional(),
  maxErrorRate: value.share.meta({ description: 'Share of requests that may fail.' }).optional(),
  maxP95Milliseconds: value.milliseconds
    .meta({ description: 'Greatest 95th percentile of latency.' })
    .optional(),
  maxP99Milliseconds: value.milliseconds
    .meta({ description: 'Greatest 99th percentile of latency.' })
    .optional(),
  comparison: comparison
    .meta({
      description:
        'How much worse than the active color, measured at the same time, the new one may be; false does not compare.',
      examples: [{ maxErrorRateIncrease: 0.02, maxP95Ratio: 2 }, false],
    })
    .optional(),
  queries: z
    .strictObject({
      requests: query.meta({ description: 'Requests in the window.', examples: [REQUESTS] }).optional(),
      errors: query
        .meta({
          description:
            'Failed ones among them. An empty answer is no zero: `or vector(0)` is for a counter that begins with the first failure.',
          examples: [ERRORS],
        })
        .optional(),
      p95: query
        .meta({ description: '95th percentile of latency in milliseconds.', examples: [percentile(0.95)] })
        .optional(),
      p99: query
        .meta({ description: '99th percentile of latency in milliseconds.', examples: [percentile(0.99)] })
        .optional(),
    })
    .meta({
      description:
        'PromQL that measures a color where the target does not, one number each. $environment, $service, $color and $window are filled in; $window is the time since the step began, at most `window`, and the only range that a query may have. Default on Kubernetes with `monitoring.prometheus`: the counters that `sluice render` expects.',
      examples: [{ requests: REQUESTS, errors: ERRORS }],
    })
    .optional(),
})

const drain = z.strictObject({
  path: value.urlPath.meta({
    description: 'Gets a POST, and answers with success once no connection that was open before is left.',
    examples: ['/drain'],
  }),
  timeout: value.positiveDuration
    .meta({ description: 'Longest time of one instance.', default: '30s', examples: ['30s'] })
    .optional(),
})

const deadline = value.positiveDuration.meta({ examples: ['10m'] })

const deadlines = z.strictObject({
  preflight: deadline.meta({ description: 'Checking that everything is there.' }).optional(),
  provision: deadline.meta({ description: 'Until every instance of the new color is ready.' }).optional(),
  verify: deadline.meta({ description: 'Verification.' }).optional(),
  approval: deadline.meta({ description: 'Waiting for the person who opens the switch.' }).optional(),
  hold: deadline
    .meta({ description: 'Waiting for measurements after a step’s own time is over.' })
    .optional(),
  shift: deadline.meta({ description: 'Until new weights are confirmed.' }).optional(),
  retire: deadline.meta({ description: 'Until the old color is gone.' }).optional(),
})

export const rollout = z.strictObject({
  strategy: z
    .enum(['blue-green', 'canary', 'rolling'])
    .meta({
      title: 'blue-green, canary or rolling',
      description:
        'blue-green: a second color and few steps. canary: more steps, by default 5, 20, 50, 100. rolling: replaced in place, without a second color.',
      examples: ['canary'],
    })
    .optional(),
  steps: z
    .array(step)
    .min(1)
    .max(50)
    .meta({
      title: 'a list of percentages',
      description:
        'Shares that the new color has one after the other; the last is 100. Default of blue-green: 20, 100; on Kubernetes 100 alone where users cannot be shared: by a selector, by an Ingress of another class than alb, or without an ingress.',
      examples: [
        [20, 50, 100],
        [{ percent: 5, bake: '10m' }, 100],
      ],
    })
    .optional(),
  bake: value.duration
    .meta({ description: 'How long each step is watched before the next.', examples: ['5m'] })
    .optional(),
  verify: verify
    .meta({
      description:
        'What must hold on the preview before any user is sent there. A path alone expects status 200. Default: the readiness path.',
      examples: ['/health', [{ path: '/products', status: 200 }], { command: 'npm run smoke' }],
    })
    .optional(),
  approve: value.flag.meta({ description: 'A person opens the switch after verification.' }).optional(),
  analysis: analysis
    .meta({
      description: 'What healthy means while users are on the new color.',
      examples: [{ maxErrorRate: 0.01 }],
    })
    .optional(),
  standby: value.duration
    .meta({
      description:
        'How long the former release stays warm after the switch, so that a rollback takes a second.',
      examples: ['1h'],
    })
    .optional(),
  sticky: value.flag
    .meta({ description: 'Users keep their color while it has traffic (cookie).' })
    .optional(),
  drain: drain
    .meta({
      description:
        'How an instance is asked to let go of its connections after users have left it, where the switch moves new connections only (`kubernetes.switch: service`). Without it the instances are replaced, a few at a time.',
      examples: [{ path: '/drain' }],
    })
    .optional(),
  deadlines: deadlines
    .meta({
      description: 'Longest time of each phase; after it the rollout fails and traffic goes back.',
      examples: [{ provision: '15m' }],
    })
    .optional(),
})
