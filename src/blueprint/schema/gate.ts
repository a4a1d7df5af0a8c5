import { z } from 'zod'
import type { ApprovalKind } from '../../model/policy.ts'
import * as value from './values.ts'

const roleList = z.array(value.name).min(1).max(50)

const approval = z
  .union([
    z.int().min(0).max(20),
    z.strictObject({
      count: z
        .int()
        .min(1)
        .max(20)
        .meta({ title: 'a whole number', description: 'Different people needed.', default: 1, examples: [2] })
        .optional(),
      roles: roleList
        .meta({
          title: 'a list of roles',
          description: 'Who may give it. Default: peer developer and operator, business product, quality qa.',
          examples: [['qa']],
        })
        .optional(),
      expires: value.positiveDuration
        .meta({ description: 'How long it holds.', default: '7d', examples: ['7d'] })
        .optional(),
    }),
  ])
  .transform(given => (typeof given === 'number' ? { count: given } : given))
  .meta({
    title: 'a number of people, or more about them',
    examples: [1, { count: 2, roles: ['operator'], expires: '3d' }],
  })

/** Kinds stay a list inside, so that a layer that names approvals replaces them as a whole. */
const approvals = z
  .strictObject({
    peer: approval.meta({ description: 'Somebody who understands the change.' }).optional(),
    business: approval.meta({ description: 'Somebody who wants the change.' }).optional(),
    quality: approval.meta({ description: 'Somebody who tried the change.' }).optional(),
  })
  .transform(given =>
    (['peer', 'business', 'quality'] as const satisfies readonly ApprovalKind[]).flatMap(kind => {
      const rule = given[kind]
      return rule === undefined || rule.count === 0 ? [] : [{ of: kind, ...rule }]
    }),
  )

export const gate = z.strictObject({
  soak: value.duration
    .meta({ description: 'How long the release must have run in the environment before.', examples: ['30m'] })
    .optional(),
  checks: z
    .array(value.text.max(100))
    .max(100)
    .meta({
      title: 'a list of names',
      description: 'Checks that CI must have reported as passed.',
      examples: [['tests', 'lint']],
    })
    .optional(),
  approvals: approvals
    .meta({
      description:
        'Reviews by people; the author of a release never counts. What is written here replaces the default as a whole; {} asks for none.',
      examples: [{ peer: 1, business: 1, quality: 1 }],
    })
    .optional(),
  expressions: z
    .array(value.text)
    .max(50)
    .meta({
      title: 'a list of CEL expressions',
      description: 'Conditions that must be true; a missing value is not.',
      examples: [['release.source.branch == "main"']],
    })
    .optional(),
})

export const freeze = z.strictObject({
  cron: value.cron.meta({ description: 'When it begins.', examples: ['0 16 * * FRI'] }),
  duration: value.positiveDuration.meta({ description: 'How long it lasts.', examples: ['64h'] }),
  timezone: value.timezone
    .meta({ description: 'Time zone of its beginning.', default: 'UTC', examples: ['Asia/Tokyo'] })
    .optional(),
})
