import { z } from 'zod'
import { idSchema, instantSchema, lineSchema } from './basic.ts'
import { permissionSchema } from './policy.ts'
import { named } from './registry.ts'

const LONGEST_SECONDS = 366 * 24 * 3600

const tokenShape = {
  id: idSchema,
  name: z.string(),
  kind: z.enum(['person', 'automation']),
  roles: z.array(z.string()),
  createdAt: instantSchema,
  expiresAt: instantSchema,
  revokedAt: instantSchema.exactOptional(),
}

/** A token as it is listed: neither it nor its hash is shown. */
export const tokenSchema = named('Token', z.strictObject(tokenShape))

export const createdTokenSchema = named(
  'CreatedToken',
  z.strictObject({ ...tokenShape, token: z.string().describe('Shown this once.') }),
)

export const tokenRequestSchema = named(
  'TokenRequest',
  z.strictObject({
    // Names stand in audit and log lines: no control characters, and nobody may pass for Sluice itself.
    name: lineSchema
      .regex(/^[^\p{C}\s](?:[^\p{C}]*[^\p{C}\s])?$/u, 'must be printable, without space around it')
      .refine(name => name.toLowerCase() !== 'sluice', 'is the name of Sluice itself')
      // Unicode, "Normalization Forms": two spellings that look the same must not be two people.
      .refine(name => name === name.normalize('NFKC'), 'must be in Unicode normalization form NFKC'),
    kind: z.enum(['person', 'automation']),
    roles: z.array(z.string().min(1).max(63)).min(1).max(32),
    expiresSeconds: z.int().min(60).max(LONGEST_SECONDS),
  }),
)

export const whoamiSchema = named(
  'Whoami',
  z.strictObject({
    name: z.string(),
    kind: z.enum(['person', 'automation', 'sluice']),
    roles: z.array(z.string()),
    permissions: z.array(permissionSchema).describe('Held in at least one environment.'),
    environments: z.record(z.string(), z.array(permissionSchema)),
    expiresAt: instantSchema,
  }),
)
