import { z } from 'zod'
import { PERMISSIONS } from '../../model/permissions.ts'
import * as value from './values.ts'

const unitName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9 _-]{0,62}$/)
  .meta({ title: 'the name of a unit', examples: ['ProdOU'] })

export const account = z
  .strictObject({
    id: value.accountId.meta({ description: 'Account id.', examples: ['111122223333'] }),
    region: value.region.meta({ description: 'Where its resources stand.' }).optional(),
    email: value.email
      .meta({
        description: 'Root mail address, when the account is made by Sluice’s Terraform.',
        examples: ['aws-prod@example.com'],
      })
      .optional(),
  })
  .meta({
    id: 'Account',
    title: 'an account',
    description: 'One AWS account.',
    examples: [{ id: '111122223333', region: 'ap-northeast-1' }],
  })

export const organization = z.strictObject({
  managementAccount: value.name
    .meta({
      description: 'The account that the organization and all identities belong to; nothing else runs there.',
      examples: ['management'],
    })
    .optional(),
  units: z
    .record(
      unitName,
      z.strictObject({
        parent: unitName
          .meta({ description: 'The unit that it stands in; the root without it.', examples: ['Workloads'] })
          .optional(),
        accounts: z
          .array(value.name)
          .max(1000)
          .meta({
            title: 'a list of accounts',
            description: 'Accounts of the unit.',
            examples: [['staging', 'prod']],
          })
          .optional(),
        guardrails: z
          .array(value.name)
          .max(50)
          .meta({
            title: 'a list of guardrails',
            description: 'What nobody in it may do, whatever an account allows.',
            examples: [['no-public-database']],
          })
          .optional(),
      }),
    )
    .meta({
      title: 'a map of units',
      description: 'Organizational units by name.',
      examples: [{ ProdOU: { accounts: ['staging', 'prod'], guardrails: ['protected-deletion'] } }],
    })
    .optional(),
})

const expectation = z.strictObject({
  must: z
    .enum(['deny', 'allow'])
    .meta({ title: 'deny or allow', description: 'What the evaluation has to say.', examples: ['deny'] }),
  role: value.name.meta({ description: 'Who asks.', examples: ['developer'] }),
  action: z
    .string()
    .regex(/^[a-z0-9-]+:[A-Za-z0-9]+$/)
    .meta({ title: 'an AWS action', description: 'What is asked for.', examples: ['rds:DeleteDBInstance'] }),
  resource: value.text
    .meta({ description: 'Of what; everything without it.', examples: ['arn:aws:rds:*:*:db:shop'] })
    .optional(),
  environment: value.name
    .meta({ description: 'Where; everywhere that the guardrail holds without it.', examples: ['prod'] })
    .optional(),
  context: z
    .record(z.string().max(200), z.union([z.string(), z.boolean(), z.number(), z.array(z.string())]))
    .meta({
      title: 'a map of context keys',
      description: 'Context keys of the request.',
      examples: [{ 'aws:RequestedRegion': 'us-east-1' }],
    })
    .optional(),
})

export const guardrail = z
  .strictObject({
    description: value.text
      .meta({ description: 'For people.', examples: ['Only our two regions'] })
      .optional(),
    regions: z
      .array(value.region)
      .min(1)
      .max(30)
      .meta({
        title: 'a list of regions',
        description: 'For allowed-regions. Default: the regions of all accounts.',
        examples: [['ap-northeast-1', 'ap-southeast-1']],
      })
      .optional(),
    roles: z
      .array(value.name)
      .min(1)
      .max(30)
      .meta({
        title: 'a list of roles',
        description: 'For protected-deletion: who may delete all the same. Default: admin.',
        examples: [['admin']],
      })
      .optional(),
    policy: value.projectPath
      .meta({
        description: 'A service control policy of your own (JSON), for a guardrail with a name of your own.',
        examples: ['./policies/no-root.json'],
      })
      .optional(),
    expect: z
      .array(expectation)
      .max(500)
      .meta({
        title: 'a list of expectations',
        description: 'What `sluice guardrails test` proves, beside the defaults of a named guardrail.',
        examples: [[{ must: 'deny', role: 'developer', action: 'rds:DeleteDBInstance' }]],
      })
      .optional(),
  })
  .meta({
    id: 'Guardrail',
    title: 'a guardrail',
    description: 'A named organization policy.',
    examples: [{ regions: ['ap-northeast-1'] }],
  })

const permissions = z.array(z.enum(PERMISSIONS)).max(PERMISSIONS.length)

const awsLevel = z.enum(['admin', 'operate', 'read', 'none'])

export const role = z
  .strictObject({
    description: value.text
      // What IAM takes ("CreateRole", Description).
      .regex(/^[\t\n\r\u0020-\u007e\u00a1-\u00ff]*$/)
      .meta({ description: 'For people.', examples: ['Tests in staging, changes nothing'] })
      .optional(),
    permissions: permissions
      .meta({
        title: 'a list of permissions',
        description: `What its holders may ask of Sluice, everywhere or in \`environments\`: ${PERMISSIONS.join(', ')}.`,
        examples: [['read', 'approve']],
      })
      .optional(),
    environments: z
      .array(value.name)
      .min(1)
      .max(100)
      .meta({
        title: 'a list of environments',
        description: 'Where `permissions` hold; everywhere without it.',
        examples: [['staging']],
      })
      .optional(),
    in: z
      .record(value.name, permissions)
      .meta({
        title: 'a map of permissions by environment',
        description: 'More permissions in single environments.',
        examples: [{ dev: ['promote', 'operate'] }],
      })
      .optional(),
    aws: z
      .record(value.name, awsLevel)
      .meta({
        title: 'a map by environment: admin, operate, read or none',
        description: 'What the role may do in the account of an environment; none without it.',
        examples: [{ dev: 'admin', staging: 'read' }],
      })
      .optional(),
    approvalRequired: value.flag
      .meta({ description: 'The AWS role is assumed only after an approval.' })
      .optional(),
    maxSession: value.duration
      .refine(seconds => seconds >= 900 && seconds <= 43_200, {
        error: 'is not between 15m and 12h',
        params: { remedy: 'write 15m to 12h, as AWS allows' },
      })
      .meta({ description: 'Longest session in AWS, 15m to 12h.', examples: ['1h'] })
      .optional(),
  })
  .meta({
    id: 'Role',
    title: 'a role',
    description: 'What its holders may do; tokens and people hold roles.',
    examples: [{ permissions: ['read', 'approve'] }],
  })
