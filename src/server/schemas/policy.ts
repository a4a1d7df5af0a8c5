import { z } from 'zod'
import { PERMISSIONS } from '../../model/permissions.ts'
import { digestSchema } from './basic.ts'
import { named } from './registry.ts'

export const permissionSchema = named('Permission', z.enum(PERMISSIONS))

const gatePolicySchema = z.strictObject({
  soakSeconds: z.number(),
  checks: z.array(z.string()),
  approvals: z.array(
    z.strictObject({
      kind: z.enum(['peer', 'business', 'quality']),
      count: z.int(),
      roles: z.array(z.string()),
      expiresSeconds: z.number(),
    }),
  ),
  expressions: z.array(z.string()),
})

const environmentPolicySchema = z.strictObject({
  name: z.string(),
  target: z.enum(['local', 'kubernetes', 'ecs', 'ec2']),
  after: z.string().exactOptional(),
  promotion: z.enum(['manual', 'automatic']),
  gate: gatePolicySchema,
  freezes: z.array(
    z.strictObject({
      name: z.string(),
      cron: z.string(),
      durationSeconds: z.number(),
      timezone: z.string(),
    }),
  ),
  onFailure: z.enum(['stop', 'take-back']),
  localPort: z.int().exactOptional(),
})

export const policySchema = named(
  'Policy',
  z.strictObject({
    project: z.string(),
    environments: z.array(environmentPolicySchema),
    roles: z.record(
      z.string(),
      z.strictObject({
        permissions: z.array(permissionSchema),
        environments: z.array(z.string()).exactOptional(),
        permissionsIn: z.record(z.string(), z.array(permissionSchema)).exactOptional(),
      }),
    ),
    revision: digestSchema.describe('Changes exactly when the policy does.'),
  }),
)
