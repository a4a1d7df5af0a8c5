import { z } from 'zod'
import { environment, sharedEnvironmentShape } from './environment.ts'
import { account, guardrail, organization, role } from './organization.ts'
import { service, type serviceFields } from './service.ts'
import * as value from './values.ts'

const allowance = z.strictObject({
  path: value.text.meta({
    description: 'The field that may differ; * stands for one name, ** for any number.',
    examples: ['services.*.config.LOG_LEVEL'],
  }),
  reason: value.text.meta({ description: 'Why.', examples: ['more logs before production'] }),
  until: value.day.meta({ description: 'Last day of it.' }).optional(),
})

const suppression = z.strictObject({
  rule: value.text.max(100).meta({ description: 'Id of the rule.', examples: ['prod-without-backup'] }),
  where: value.text
    .meta({
      description: 'The field or file it is about; everywhere without it.',
      examples: ['environments.prod'],
    })
    .optional(),
  reason: value.text.meta({
    description: 'Why it is right not to follow the rule.',
    examples: ['the database is replaced in March'],
  }),
  until: value.day.meta({ description: 'Last day of it.' }),
})

/** A name, no pattern: it stands in expressions of workflows too. */
const branch = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._/#+-]*$/)
  .max(200)
  .meta({ title: 'a branch (letters, digits and . _ / # + -)', examples: ['main'] })

const delivery = z.strictObject({
  repository: z
    .string()
    .regex(/^[\w.-]+\/[\w.-]+$/)
    .meta({ title: 'owner/name', description: 'The GitHub repository.', examples: ['example/shop'] })
    .optional(),
  branches: z
    .record(branch, value.name)
    .meta({
      title: 'a map of branches',
      description: 'How far a push to a branch is promoted by itself, gates permitting.',
      examples: [{ develop: 'dev', main: 'staging' }],
    })
    .optional(),
  registry: value.name
    .meta({ description: 'The account that holds the image registry.', examples: ['shared'] })
    .optional(),
})

/** The whole of what a team may write. */
export const blueprintSchema = z
  .strictObject({
    project: value.name.meta({
      description: 'Name of the application; the beginning of every name that Sluice gives.',
      examples: ['shop'],
    }),
    services: z.record(value.name, service).meta({
      title: 'a map of services',
      description: 'What is released, by name.',
      examples: [{ web: { build: './web', ingress: true } }],
    }),
    environments: z.record(value.name, environment).meta({
      title: 'a map of environments',
      description: 'Where it is released, in the order of promotion.',
      examples: [{ dev: {}, staging: {}, prod: {} }],
    }),
    ...sharedEnvironmentShape,
    accounts: z
      .record(value.name, account)
      .meta({
        title: 'a map of accounts',
        description: 'AWS accounts by name.',
        examples: [{ prod: { id: '111122223333' } }],
      })
      .optional(),
    organization: organization
      .meta({
        description: 'The organization that the accounts belong to.',
        examples: [{ managementAccount: 'management' }],
      })
      .optional(),
    guardrails: z
      .record(value.name, guardrail)
      .meta({
        title: 'a map of guardrails',
        description:
          'More about the named guardrails no-public-database, audit-trail-locked, allowed-regions and protected-deletion, and guardrails of your own.',
        examples: [{ 'allowed-regions': { regions: ['ap-northeast-1'] } }],
      })
      .optional(),
    roles: z
      .record(value.name, role)
      .meta({
        title: 'a map of roles',
        description:
          'Roles of your own, and others’ words for the built-in viewer, ci, developer, qa, product, operator and admin: a field that is written replaces the built-in one.',
        examples: [{ auditor: { permissions: ['read'] } }],
      })
      .optional(),
    delivery: delivery
      .meta({
        description: 'How continuous integration delivers.',
        examples: [{ branches: { main: 'staging' } }],
      })
      .optional(),
    parity: z
      .strictObject({
        allow: z
          .array(allowance)
          .max(500)
          .meta({
            title: 'a list',
            description: 'Differences between an environment and the one it mirrors that are intended.',
            examples: [[{ path: 'services.*.config.LOG_LEVEL', reason: 'more logs before production' }]],
          })
          .optional(),
      })
      .meta({
        description: 'What may differ between environments that mirror each other.',
        examples: [{ allow: [] }],
      })
      .optional(),
    suppressions: z
      .array(suppression)
      .max(500)
      .meta({
        title: 'a list',
        description: 'Findings that are accepted for a time.',
        examples: [
          [{ rule: 'prod-without-backup', reason: 'the data are rebuilt nightly', until: '2027-03-31' }],
        ],
      })
      .optional(),
  })
  .meta({
    title: 'a blueprint',
    description: 'Services and environments of one application, and the way between them.',
  })

/** What `defineBlueprint` takes: the same fields as the file, shorthands included. */
export type BlueprintInput = z.input<typeof blueprintSchema>

/** What a valid file says, shorthands written out and durations in seconds; defaults are not yet in it. */
export type BlueprintContent = z.output<typeof blueprintSchema>

export type EnvironmentContent = BlueprintContent['environments'][string]
export type ServiceLayer = z.output<typeof serviceFields>
