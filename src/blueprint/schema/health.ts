import { z } from 'zod'
import * as value from './values.ts'

const probe = z
  .union([
    value.urlPath,
    z.strictObject({
      path: value.urlPath
        .meta({ description: 'What is asked for; any 2xx or 3xx answer is healthy.', examples: ['/health'] })
        .optional(),
      period: value.positiveDuration
        .meta({ description: 'Time between two probes.', examples: ['10s'] })
        .optional(),
      timeout: value.positiveDuration
        .meta({ description: 'Time after which an answer counts as missing.', examples: ['2s'] })
        .optional(),
      failureThreshold: z
        .int()
        .min(1)
        .max(100)
        .meta({
          title: 'a whole number',
          description: 'Failures in a row that make the instance unhealthy.',
          examples: [3],
        })
        .optional(),
      initialDelay: value.duration
        .meta({ description: 'Time from the start to the first probe.', examples: ['0s'] })
        .optional(),
    }),
  ])
  .transform(given => (typeof given === 'string' ? { path: given } : given))

export const health = z
  .union([
    value.urlPath,
    z.strictObject({
      liveness: probe
        .meta({
          description: 'An instance that fails it is replaced. A path alone keeps the other defaults.',
          examples: ['/health'],
        })
        .optional(),
      readiness: probe
        .meta({
          description: 'An instance that fails it gets no traffic.',
          examples: ['/ready', { path: '/ready', period: '2s' }],
        })
        .optional(),
    }),
  ])
  .transform(given =>
    typeof given === 'string' ? { liveness: { path: given }, readiness: { path: given } } : given,
  )
