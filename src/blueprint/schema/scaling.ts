import { z } from 'zod'
import * as value from './values.ts'

const target = z
  .union([z.literal(false), value.percent])
  .meta({ title: 'a percentage, or false', examples: [70] })

const schedule = z.strictObject({
  cron: value.cron.meta({ description: 'When it begins.', examples: ['0 19 * * FRI'] }),
  end: value.cron
    .meta({
      description: 'When min and max go back to the usual; without it they stay until another schedule.',
      examples: ['0 23 * * FRI'],
    })
    .optional(),
  timezone: value.timezone
    .meta({ description: 'Time zone of both.', default: 'UTC', examples: ['Asia/Tokyo'] })
    .optional(),
  min: value.count.meta({ description: 'Least instances meanwhile.', examples: [6] }),
  max: value.count.meta({ description: 'Most instances meanwhile.', examples: [40] }),
})

export const scaling = value.part({
  min: value.count.meta({ description: 'Least instances.', examples: [2] }).optional(),
  max: value.count.meta({ description: 'Most instances.', examples: [20] }).optional(),
  cpu: target
    .meta({ description: 'Average CPU use to keep, percent; false does not look at it.' })
    .optional(),
  memory: target
    .meta({ description: 'Average memory use to keep, percent; false does not look at it.', examples: [75] })
    .optional(),
  requestsPerTarget: z
    .union([z.literal(false), z.int().min(1)])
    .meta({
      title: 'a number, or false',
      description: 'Requests a minute and instance to keep; false does not look at it.',
      examples: [500],
    })
    .optional(),
  scaleInCooldown: value.duration
    .meta({ description: 'Rest between two steps down.', examples: ['5m'] })
    .optional(),
  schedules: z
    .record(value.name, value.removable(schedule))
    .meta({
      title: 'a map of schedules',
      description: 'Other limits at certain times, by name. null removes one.',
      examples: [
        {
          'friday-evening': {
            cron: '0 19 * * FRI',
            end: '0 23 * * FRI',
            timezone: 'Asia/Tokyo',
            min: 6,
            max: 40,
          },
        },
      ],
    })
    .optional(),
})
